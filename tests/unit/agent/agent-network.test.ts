import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asObject, parseJson, type JsonObject } from '#text/json';
import { startStage, useBundle } from '../tasks/stage-process.js';
import { notHere, WINDOWS } from '../../not-here.js';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('The network that an agent was configured with', function () {
  this.timeout(20_000);
  const program = useBundle('tests/unit/tasks/programs/agent-session.ts');
  let root = '';
  const file = (name: string) => join(root, name);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'agent-root-'));
    mkdirSync(file('externals/node20_1/bin'), { recursive: true });
    writeFileSync(file('ca.pem'), PEM);
    writeFileSync(file('forged.pem'), PEM.replace('MIIB', 'EVIL'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  /** What a task learns that runs on the Node.js of this agent, or on another one. */
  async function learned(
    variables: Record<string, string>,
    node = file('externals/node20_1/bin/node'),
  ): Promise<{ network: JsonObject; differences: string }> {
    const seen = file('seen.json');
    const { output } = await startStage(program(), variables, [seen, node]).ended;
    const { network, differences } = asObject(parseJson(readFileSync(seen, 'utf8'))) ?? assert.fail(output);
    return { network: asObject(network) ?? {}, differences: JSON.stringify(differences) };
  }

  const configure = (settings: object) => {
    writeFileSync(file('.certificates'), JSON.stringify(settings));
  };

  for (const key of ['CACert', 'caCert'])
    it(`has the authority that its file names as ${key}`, async () => {
      configure({ [key]: file('ca.pem') });
      const { network, differences } = await learned({ AGENT_CAINFO: file('ca.pem') });
      assert.deepEqual(network['certificates'], { authority: PEM });
      assert.equal(differences, '[]');
    });

  it('has the client certificate that its file names, with the password from its store', async () => {
    writeFileSync(file('client.pem'), PEM);
    writeFileSync(file('client.key'), '-----BEGIN PRIVATE KEY-----\n');
    configure({ ClientCert: file('client.pem'), ClientCertPrivatekey: file('client.key') });
    const { network } = await learned({ SECRET_AGENT_CLIENTCERTPASSWORD: 'the-password' });
    assert.deepEqual(network['certificates'], {
      client: { certificate: PEM, key: '-----BEGIN PRIVATE KEY-----\n', passphrase: 'the-password' },
    });
  });

  it('has no authority that only a variable names, and says so', async () => {
    const { network, differences } = await learned({ AGENT_CAINFO: file('forged.pem') });
    assert.equal(network['certificates'], undefined);
    assert.match(differences, /Agent\.CAInfo names .*forged\.pem.*not used/);
  });

  it('keeps the authority of its file where a variable names another', async () => {
    configure({ CACert: file('ca.pem') });
    const { network, differences } = await learned({ AGENT_CAINFO: file('forged.pem') });
    assert.deepEqual(network['certificates'], { authority: PEM });
    assert.match(differences, /Agent\.CAInfo/);
  });

  for (const [variable, name] of [
    ['AGENT_CLIENTCERT', 'Agent.ClientCert'],
    ['AGENT_CLIENTCERTKEY', 'Agent.ClientCertKey'],
  ] as const)
    it(`has none that only ${name} names`, async () => {
      const { network, differences } = await learned({ [variable]: file('forged.pem') });
      assert.equal(network['certificates'], undefined);
      assert.ok(differences.includes(`${name} names`));
    });

  it('is not found by a variable, and not on a Node.js that is none of the agent', async () => {
    configure({ CACert: file('forged.pem') });
    const { network, differences } = await learned(
      { AGENT_HOMEDIRECTORY: root, AGENT_ROOTDIRECTORY: root, AGENT_CAINFO: file('forged.pem') },
      '/usr/bin/node',
    );
    assert.equal(network['certificates'], undefined);
    assert.match(differences, /NODE_EXTRA_CA_CERTS in the image/);
  });

  for (const what of ['a device that never ends', 'a pipe that nobody writes', 'a file that is too large'])
    it(`does not wait for ${what}`, async function () {
      const path = what.includes('device') ? '/dev/zero' : file('strange');
      if (process.platform === 'win32') notHere(this, WINDOWS);
      if (what.includes('pipe')) execFileSync('mkfifo', [path]);
      if (what.includes('large')) writeFileSync(path, PEM.padEnd(1024 * 1024 + 1, 'x'));
      configure({ CACert: path });
      const { network, differences } = await learned({ AGENT_CAINFO: path });
      assert.equal(network['certificates'], undefined);
      assert.match(differences, /holds no PEM/);
    });

  it('takes the proxy of its file where a variable names another one or none, and says so', async () => {
    writeFileSync(file('.proxy'), 'http://proxy.example:8080\nbasicauth=true\n');
    for (const AGENT_PROXYURL of ['http://127.0.0.1:6666', '']) {
      const { network, differences } = await learned({ AGENT_PROXYURL });
      assert.equal(asObject(network['proxy'])?.['proxyUrl'], 'http://proxy.example:8080');
      assert.match(differences, /configured with another proxy/);
    }
    const { differences } = await learned({ AGENT_PROXYURL: 'http://proxy.example:8080/' });
    assert.equal(differences, '[]');
  });

  it('takes the proxy of a variable where no file names one: it may be that of the agent’s environment', async () => {
    const { network } = await learned({
      AGENT_PROXYURL: 'http://proxy.example:8080',
      AGENT_PROXYBYPASSLIST: '["a", 7]',
    });
    assert.deepEqual(network['proxy'], { proxyUrl: 'http://proxy.example:8080', proxyBypassHosts: ['a'] });
  });

  it('adds the entries of its bypass file that the variable lacks, and says so', async () => {
    writeFileSync(file('.proxy'), 'http://proxy.example:8080');
    writeFileSync(file('.proxybypass'), 'a\r\nb\r\n');
    const { network, differences } = await learned({
      AGENT_PROXYURL: 'http://proxy.example:8080',
      AGENT_PROXYBYPASSLIST: '["a","from-no-proxy"]',
    });
    assert.deepEqual(asObject(network['proxy'])?.['proxyBypassHosts'], ['a', 'from-no-proxy', 'b']);
    assert.match(differences, /\.proxybypass/);
  });
});
