import assert from 'node:assert/strict';
import type { JobResult } from '#local-agent/index';
import { assertFailedCleanly, failureOf } from './clean-failure.js';
import { certificateFor } from '../../scripts/certificate.js';
import { emulatorForEachTest, type JobWish, mainOf, runIssuingJob } from './issuing-job.js';
import { assertNoTrace } from './secret-traces.js';
import { basic, StandInCloud } from './stand-in-cloud.js';
import { NO_OPENSSL, notHere } from '../not-here.js';

const credentials = { username: 'agent', password: 'the-password-of-the-proxy' };
const cloudHosts = ['dev.azure.com', 'vssps.dev.azure.com', 'login.microsoftonline.com'];

describe('An agent that reaches the services', function () {
  this.timeout(30_000);
  const certificate = certificateFor([...cloudHosts, 'localhost', '127.0.0.1']);
  after(() => {
    certificate?.remove();
  });

  const emulator = emulatorForEachTest();
  let cloud: StandInCloud;
  beforeEach(async function () {
    if (certificate === undefined) return notHere(this, NO_OPENSSL);
    cloud = await StandInCloud.start(
      emulator(),
      certificate,
      `${credentials.username}:${credentials.password}`,
    );
  });
  afterEach(async () => {
    if (certificate !== undefined) await cloud.close();
  });

  const throughProxy = (): JobWish => ({
    proxy: { url: cloud.proxyUrl, ...credentials },
    ...(certificate === undefined ? {} : { caFile: certificate.authorityFile }),
  });

  describe('through a proxy, with an authority of its own', () => {
    it('uses the hosts of the cloud, each for its part', async () => {
      const job = await runInTheCloud(throughProxy());
      assert.equal(job.result, 'Succeeded', job.log);
      const paths = cloud.requests.map(({ host, path }) => `${host}${path.replace(/\?.*/, '')}`);
      assert.deepEqual(paths, [
        `login.microsoftonline.com/${emulator().entra.tenantId}/oauth2/v2.0/token`,
        'vssps.dev.azure.com/contoso/_apis/tokens/pats',
        'dev.azure.com/contoso/_apis/connectionData',
        'vssps.dev.azure.com/contoso/_apis/tokens/pats',
      ]);
      assert.deepEqual(emulator().pats.active(), []);
      assertNoTrace(job, emulator(), [credentials.password]);
    });

    it('takes an organization with its older address', async () => {
      const job = await runInTheCloud(throughProxy(), 'https://contoso.visualstudio.com');
      assert.equal(job.result, 'Succeeded', job.log);
      assert.deepEqual(
        [...new Set(cloud.tunnels.map(({ target }) => target))].sort(),
        cloudHosts.map(host => `${host}:443`).sort(),
      );
      assert.deepEqual(emulator().pats.active(), []);
    });

    it('names itself to the proxy, and gives it nothing else', async () => {
      const job = await runInTheCloud({ ...throughProxy(), debug: true });
      assert.equal(job.result, 'Succeeded', job.log);
      assert.ok(cloud.tunnels.length > 0);
      for (const { authorization } of cloud.tunnels) {
        assert.equal(authorization, basic(`${credentials.username}:${credentials.password}`));
      }
      assertNoTrace(job, emulator(), [credentials.password]);
      assert.deepEqual(job.leftovers, []);
    });

    it('fails with what to do when the proxy does not let it through', async () => {
      const job = await runInTheCloud({
        ...throughProxy(),
        proxy: { url: cloud.proxyUrl, username: 'agent', password: 'an-old-password' },
      });
      assertFailedCleanly(job, emulator(), 'proxy-not-usable', /407.*--proxypassword/);
      assert.deepEqual(cloud.requests, []);
    });

    it('takes loopback through it as well, unless the bypass list names it', async () => {
      const job = await runIssuingJob(emulator(), throughProxy());
      assert.equal(job.result, 'Succeeded', job.log);
      assert.equal(cloud.tunnels.length, 4);

      const direct = await runIssuingJob(emulator(), {
        proxy: { url: cloud.proxyUrl, ...credentials, bypass: ['\\.example$', '^http://127\\.0\\.0\\.1'] },
      });
      assert.equal(direct.result, 'Succeeded', direct.log);
      assert.equal(cloud.tunnels.length, 4, 'The second job went past the proxy.');
    });
  });

  it('directly goes past a proxy that only the environment knows', async () => {
    const job = await runIssuingJob(emulator(), {
      environment: {
        HTTP_PROXY: cloud.proxyUrl,
        HTTPS_PROXY: cloud.proxyUrl,
        http_proxy: cloud.proxyUrl,
        https_proxy: cloud.proxyUrl,
      },
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.deepEqual(cloud.tunnels, []);
  });

  it('over TLS with an authority of its own works without a proxy', async () => {
    const wish = securely();
    const job = await runIssuingJob(emulator(), wish);
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(cloud.requests.length, 4);
  });

  describe('that does not know their authority', () => {
    for (const skip of [false, true]) {
      const although = skip ? ', although it was told to skip the check' : '';
      it(`fails before a credential leaves${although}`, async () => {
        const { proxy } = throughProxy();
        const job = await runInTheCloud({
          ...(proxy === undefined ? {} : { proxy }),
          ...(skip ? { variables: { 'Agent.SkipCertValidation': 'True' } } : {}),
        });
        assertFailedCleanly(job, emulator(), 'service-unreachable', /certificate.*--sslcacert/);
        assert.deepEqual(cloud.requests, []);
        assert.deepEqual(emulator().requests, []);
      });
    }

    it('fails for a certificate of another host', async () => {
      const other = certificateFor(['elsewhere.example']) ?? assert.fail('openssl was there before');
      const imposter = await StandInCloud.start(emulator(), other);
      try {
        const job = await runInTheCloud({ proxy: { url: imposter.proxyUrl }, caFile: other.authorityFile });
        assert.match(failureOf(mainOf(job)).text, /certificate|altnames/);
        assert.deepEqual(imposter.requests, []);
      } finally {
        await imposter.close();
        other.remove();
      }
    });
  });

  function runInTheCloud(wish: JobWish, url = 'https://dev.azure.com/contoso'): Promise<JobResult> {
    return runIssuingJob(emulator(), {
      connection: { url, authorityUrl: '', allowedOrganizations: '' },
      collectionUrl: url,
      ...wish,
    });
  }

  function securely(): JobWish {
    return {
      connection: {
        url: `${cloud.secureUrl}/contoso`,
        authorityUrl: cloud.secureUrl,
        allowedOrganizations: '',
      },
      collectionUrl: `${cloud.secureUrl}/contoso`,
      ...(certificate === undefined ? {} : { caFile: certificate.authorityFile }),
    };
  }
});
