import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  azureConnection,
  azureConnectionName,
  issuerConnection,
  issuerConnectionName,
} from '#local-agent/emulated-run';
import { assertFailedCleanly, failureOf } from '../e2e/clean-failure.js';
import { emulatorForEachTest, issueStep, issueStepWithoutConnection, mainOf } from '../e2e/issuing-job.js';
import {
  afterIssuing,
  everyTask,
  listenerForEachTest,
  printing,
  runJobWith,
  setting,
  settingEndpoint,
  stepOf,
} from './attacker.js';

const OIDC = '/contoso/Web/_apis/distributedtask/hubs/build/plans/1/jobs/1/oidctoken';

describe('Where a credential may go', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();
  const listener = listenerForEachTest();

  describe('an input names a listener on the agent’s machine', () => {
    const forms = (url: string) => [
      `${url}/x`,
      `${url}/contoso`,
      `${url.replace('127.0.0.1', 'localhost')}/x`,
      `${url.replace('127.0.0.1', '127.1')}/x`,
      `${url.replace('//', '//dev.azure.com@')}/x`,
      `contoso,${url}/x`,
    ];
    for (const [index, form] of forms('{listener}').entries())
      it(`as ${form.replace('{listener}', 'http://127.0.0.1:{port}')}, of an organization, in every task that has one`, async () => {
        const organization = forms(listener.url())[index] ?? '';
        for (const task of ['IssuePat', 'RevokePat', 'AuditPats']) {
          const job = await runJobWith(emulator(), [stepOf(task, { organization })]);
          const { topic } = failureOf(mainOf(job));
          assert.match(topic, /^(?:ceiling-exceeded|input-not-valid)$/, job.log);
        }
        assert.equal(emulator().requests.length, 0);
        listener.assertUnheard();
      });

    it('of an organization, beside an entraToken', async () => {
      const entraToken = emulator().entra.issueAccessToken().value;
      const organization = `${listener.url()}/x`;
      const job = await runJobWith(emulator(), [issueStepWithoutConnection({ entraToken, organization })]);
      failureOf(mainOf(job));
      listener.assertUnheard();
    });

    it('of an organization, beside the token of an administrator', async () => {
      const inputs = {
        patIssuer: '',
        adminToken: 'eyJ.of-an-administrator',
        organization: `${listener.url()}/x`,
      };
      for (const step of [
        stepOf('RevokePat', { ...inputs, as: 'administrator', user: 'a@contoso.com' }),
        stepOf('AuditPats', { ...inputs, whose: 'organization' }),
      ]) {
        const job = await runJobWith(emulator(), [step]);
        failureOf(mainOf(job));
      }
      listener.assertUnheard();
    });

    it('of a key vault', async () => {
      const serviceConnections = {
        [issuerConnectionName]: issuerConnection(emulator()),
        [azureConnectionName]: azureConnection(emulator(), 'ServicePrincipal'),
      };
      const store = { store: 'keyVault', azureConnection: azureConnectionName, secretName: 'git-pat' };
      const step = stepOf('RotatePat', { ...store, keyVaultUrl: listener.url() });
      const job = await runJobWith(emulator(), [step], {}, { serviceConnections });
      assert.equal(mainOf(job).result, 'Failed');
      const { topic, text } = failureOf(mainOf(job));
      assert.equal(topic, 'input-not-valid', text);
      assert.match(text, /keyVaultUrl/);
      assert.equal(emulator().requests.length, 0);
      listener.assertUnheard();
    });
  });

  describe('an earlier step prints which organization the job belongs to', () => {
    for (const task of Object.keys(everyTask))
      it(`and ${task} refuses the variable by its name, in every place that it may lead to`, async () => {
        for (const [name, value] of [
          ['System.CollectionUri', `${listener.url()}/contoso/`],
          ['System.TeamFoundationCollectionUri', `${emulator().organizationUrl('fabrikam')}/`],
          ['System.OidcRequestUri', listener.url() + OIDC],
        ] as const) {
          const job = await runJobWith(emulator(), [setting(name, value), stepOf(task)]);
          const { topic, text } = failureOf(mainOf(job));
          assert.equal(topic, 'variable-refused', text);
          assert.ok(text.includes(name), text);
        }
        assert.equal(emulator().requests.length, 0);
        listener.assertUnheard();
      });

    it('by changing the job’s own connection, which the agent does not let it', async () => {
      const lead = settingEndpoint('field=url', `${listener.url()}/contoso/`, 'SystemVssConnection');
      for (const task of Object.keys(everyTask)) await runJobWith(emulator(), [lead, stepOf(task)]);
      listener.assertUnheard();
    });
  });

  describe('an earlier step prints which server is trusted', () => {
    for (const name of ['Agent.CAInfo', 'Agent.ClientCert', 'Agent.ClientCertKey'])
      it(`by ${name}: it is not read, not used, and told`, async () => {
        const job = await runJobWith(emulator(), [setting(name, '/dev/zero'), issueStep()]);
        assert.equal(job.result, 'Succeeded', job.log);
        assert.match(job.log, new RegExp(`${name} names .*not used`));
      });

    it('by a root folder of the agent that it made up: no file in it is read', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'forged-root-'));
      try {
        writeFileSync(join(folder, '.proxy'), listener.url());
        writeFileSync(join(folder, '.certificates'), JSON.stringify({ CACert: '/dev/zero' }));
        const names = ['Agent.HomeDirectory', 'Agent.RootDirectory', 'Agent.WorkFolder'];
        const job = await runJobWith(emulator(), [...names.map(name => setting(name, folder)), issueStep()]);
        assert.equal(job.result, 'Succeeded', job.log);
        listener.assertUnheard();
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    for (const name of [
      'AGENT_PROXYURL',
      'agent proxyurl',
      'AGENT_CAINFO',
      'NODE_USE_ENV_PROXY',
      'SSL_CERT_FILE',
    ])
      it(`by ${name}, which is refused`, async () => {
        const job = await runJobWith(emulator(), [setting(name, listener.url()), issueStep()]);
        assertFailedCleanly(job, emulator(), 'variable-refused', new RegExp(name));
        listener.assertUnheard();
      });

    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'VSTS_HTTP_PROXY'])
      it(`by ${name}, at which nobody looks`, async () => {
        const job = await runJobWith(emulator(), [setting(name, listener.url()), issueStep()]);
        assert.equal(job.result, 'Succeeded', job.log);
        listener.assertUnheard();
      });
  });

  describe('a step asks beyond what the connection allows', () => {
    for (const task of ['IssuePat', 'RevokePat', 'AuditPats'])
      it(`of ${task}, in another organization`, async () => {
        for (const organization of ['fabrikam', emulator().organizationUrl('fabrikam'), 'contoso,fabrikam']) {
          const step = stepOf(task, { organization });
          const job = await runJobWith(emulator(), [step], { allowedOrganizations: 'contoso' });
          const { topic, text } = failureOf(mainOf(job));
          assert.equal(topic, 'ceiling-exceeded', text);
          assert.match(text, /allowedOrganizations/);
        }
        assert.equal(emulator().requests.length, 0);
      });

    for (const [ceilings, inputs, named] of [
      [{ allowedScopes: 'vso.code' }, { scopes: 'vso.code_write' }, 'allowedScopes'],
      [{ allowedScopes: '' }, { scopes: 'app_token', allowUnknownScopes: true }, 'allowedScopes'],
      [{ maxLifetime: '1h' }, { validFor: '61m' }, 'maxLifetime'],
    ] as const)
      it(`of IssuePat, by ${Object.keys(inputs)[0] ?? ''} (${named})`, async () => {
        const job = await runJobWith(emulator(), [stepOf('IssuePat', inputs)], ceilings);
        assertFailedCleanly(job, emulator(), 'ceiling-exceeded', new RegExp(named));
        assert.equal(emulator().requests.length, 0);
      });
  });

  describe('a step after the issuing one leads the post-job stage elsewhere', () => {
    const leads = (url: string): Record<string, readonly object[]> => ({
      'by another address of the connection': [settingEndpoint('field=url', `${url}/contoso`)],
      'by another authority': [settingEndpoint('field=dataParameter;key=authorityUrl', url)],
      'by another refresh token, which has the next sign-in made': [
        settingEndpoint('field=authParameter;key=apitoken', 'of-the-attacker'),
      ],
      'by all of them': [
        settingEndpoint('field=url', `${url}/contoso`),
        settingEndpoint('field=dataParameter;key=authorityUrl', url),
        settingEndpoint('field=authParameter;key=apitoken', 'of-the-attacker'),
      ],
      'by a proxy': [setting('Agent.ProxyUrl', url)],
      'by another organization': [
        setting('System.CollectionUri', `${url}/contoso/`),
        setting('System.TeamFoundationCollectionUri', `${url}/contoso/`),
      ],
      'by every line at once': [
        printing(`##vso[task.setvariable variable=Agent.ProxyUrl]${url}`),
        printing(`##vso[task.setvariable variable=System.CollectionUri]${url}/contoso`),
        settingEndpoint('field=url', `${url}/contoso`),
      ],
    });
    for (const what of Object.keys(leads('')))
      it(`${what}: it revokes where the main stage issued`, async () => {
        const job = await afterIssuing(emulator(), leads(listener.url())[what] ?? []);
        assert.deepEqual(emulator().pats.active(), [], job.log);
        listener.assertUnheard();
      });
  });
});
