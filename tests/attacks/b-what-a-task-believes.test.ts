import assert from 'node:assert/strict';
import type { LoggingCommand } from '#local-agent/index';
import { assertFailedCleanly, failureOf } from '../e2e/clean-failure.js';
import {
  emulatorForEachTest,
  issueStep,
  issueStepWithoutConnection,
  logOf,
  mainOf,
  operationsOf,
  postOf,
} from '../e2e/issuing-job.js';
import {
  afterIssuing,
  agentVersions,
  CONNECTION,
  everyTask,
  listenerForEachTest,
  runJobWith,
  setting,
  settingExactly,
  stepOf,
} from './attacker.js';

const RECORD = 'VSTS_TASKVARIABLE_JOBPAT_RECORD';

describe('What a task believes', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();
  const listener = listenerForEachTest();

  /** A PAT of the issuing user that is none of this job's business. */
  const victim = (displayName = 'Laptop of the issuing user') => {
    const [pat] = emulator().pats.seed([{ displayName }]);
    return pat ?? assert.fail('no PAT');
  };
  const entry = (more: object = {}) => ({
    organization: emulator().organizationUrl('contoso'),
    displayName: 'Laptop of the issuing user',
    validTo: new Date(Date.now() + 3_600_000).toISOString(),
    asked: new Date().toISOString(),
    ...more,
  });

  for (const agentVersion of agentVersions)
    describe(`agent ${agentVersion}, a step that leaves no record of its own: an earlier one prints one`, () => {
      const forged: Record<string, (id: string) => string> = {
        'of any PAT of the user, by its id': id => JSON.stringify([entry({ authorizationId: id })]),
        'of any PAT of the user, by its name': () => JSON.stringify([entry()]),
        'in the form of a sealed one': id =>
          `${'0'.repeat(64)}.${'0'.repeat(64)} ${JSON.stringify({ pats: [entry({ authorizationId: id })] })}`,
        'in another organization': () =>
          JSON.stringify([entry({ organization: emulator().organizationUrl('fabrikam') })]),
        'at a listener': () => JSON.stringify([entry({ organization: `${listener.url()}/contoso` })]),
      };
      for (const [what, record] of Object.entries(forged))
        it(what, async () => {
          const { authorizationId } = victim();
          const names = [RECORD, 'vsts.taskvariable.JobPat Record'];
          const attack = names.map(name => setting(name, record(authorizationId)));
          const job = await runJobWith(emulator(), [...attack, issueStep()], {}, { agentVersion });
          assert.equal(failureOf(mainOf(job)).topic, 'variable-refused');
          assert.match(logOf(postOf(job)), /does not carry the seal/);
          assert.deepEqual(operationsOf(emulator()), []);
          assert.equal(emulator().pats.active().length, 1);
          listener.assertUnheard();
        });

      it('that another job of the same connection sealed', async () => {
        let record = '';
        const onCommand = ({ event, properties, data }: LoggingCommand) => {
          const isRecord = event === 'settaskvariable' && properties.get('variable') === 'JobPat.Record';
          if (isRecord && data !== '[]') record = data;
        };
        await runJobWith(emulator(), [issueStep()], {}, { agentVersion, onCommand });
        assert.match(record, /^[0-9a-f.]+ \{/);
        const before = emulator().requests.length;
        const job = await runJobWith(
          emulator(),
          [setting(RECORD, record), issueStep()],
          {},
          { agentVersion },
        );
        assert.equal(postOf(job).result, 'SucceededWithIssues', job.log);
        assert.match(logOf(postOf(job)), /sealed in another run, job or step/);
        assert.equal(emulator().requests.length, before);
      });
    });

  for (const agentVersion of agentVersions)
    describe(`agent ${agentVersion}, a name that becomes somebody else’s, set before a step`, () => {
      for (const name of [
        'INPUT_SCOPES',
        'Input.Scopes',
        'input scopes',
        'INPUT_PATISSUER',
        'Input.EntraToken',
        'ENDPOINT_URL_SYSTEMVSSCONNECTION',
        'endpoint.auth.systemvssconnection',
        'SECUREFILE_TICKET_1',
        'Vsts.TaskVariable.JobPat.EntraToken',
        'VSTS_PUBLIC_VARIABLES',
        'SECRET_SYSTEM_ACCESSTOKEN',
        'SYSTEM_JOBID',
      ])
        it(`${name} is refused by it`, async () => {
          const attack = setting(name, 'app_token');
          const job = await runJobWith(emulator(), [attack, issueStep()], {}, { agentVersion });
          assertFailedCleanly(job, emulator(), 'variable-refused', new RegExp(name.replaceAll('.', '\\.')));
          assert.deepEqual(operationsOf(emulator()), []);
        });

      for (const field of ['URL', 'AUTH', 'DATA', 'AUTH_SCHEME'])
        it(`ENDPOINT_${field}_{id}, its letters as they are, is refused by it`, async () => {
          const attack = settingExactly(`ENDPOINT_${field}_${CONNECTION}`, listener.url());
          const job = await runJobWith(emulator(), [attack, issueStep()], {}, { agentVersion });
          assertFailedCleanly(job, emulator(), 'variable-refused', new RegExp(CONNECTION));
          listener.assertUnheard();
        });

      for (const [field, value] of [
        ['ALLOWEDSCOPES', 'app_token'],
        ['ALLOWEDORGANIZATIONS', 'contoso fabrikam'],
        ['AUTHORITYURL', 'LISTENER'],
        ['CLIENTSECRET', 'of-the-attacker'],
        ['MAXROTATEDLIFETIME', '365d'],
      ] as const)
        it(`an empty ${field} of the connection is not filled`, async () => {
          const ceilings = { allowedScopes: '', allowedOrganizations: '', maxRotatedLifetime: '' };
          for (const prefix of ['ENDPOINT_AUTH_PARAMETER', 'ENDPOINT_DATA']) {
            const name = `${prefix}_${CONNECTION}_${field}`;
            const attack = settingExactly(name, value.replace('LISTENER', listener.url()));
            const steps = [attack, issueStep({ scopes: 'app_token', allowUnknownScopes: true })];
            const job = await runJobWith(emulator(), steps, ceilings, { agentVersion });
            assertFailedCleanly(job, emulator(), 'variable-refused', new RegExp(field));
          }
          listener.assertUnheard();
        });
    });

  describe('a name that becomes somebody else’s', () => {
    for (const task of Object.keys(everyTask))
      it(`is refused by ${task}, as is what steers Node.js`, async () => {
        const attack = [setting('Input.PatIssuer', CONNECTION), setting('NODE_EXTRA_CA_CERTS', '/nowhere')];
        const job = await runJobWith(emulator(), [...attack, stepOf(task)]);
        const { topic, text } = failureOf(mainOf(job));
        assert.equal(topic, 'variable-refused');
        assert.match(text, /"Input\.PatIssuer".*"NODE_EXTRA_CA_CERTS"/);
        assert.deepEqual(operationsOf(emulator()), []);
      });

    for (const name of [
      'NODE_OPTIONS',
      'node.options',
      'NODE_TLS_REJECT_UNAUTHORIZED',
      'NODE_V8_COVERAGE',
      'NODE_REDIRECT_WARNINGS',
      'SSLKEYLOGFILE',
      'OPENSSL_CONF',
      'LD_AUDIT',
      'DYLD_INSERT_LIBRARIES',
    ])
      it(`is ${name}: refused`, async () => {
        const job = await runJobWith(emulator(), [setting(name, '0'), issueStep()]);
        assert.equal(mainOf(job).result, 'Failed', job.log);
        assert.deepEqual(emulator().pats.active(), []);
      });
  });

  for (const agentVersion of agentVersions)
    describe(`agent ${agentVersion}, a name that becomes somebody else’s, set after the PAT was issued`, () => {
      const forged: Record<string, (url: string) => readonly object[]> = {
        'of the connection as input': () => [
          setting('Input.PatIssuer', 'x'),
          settingExactly('ENDPOINT_URL_2c2c2c2c-0000-4000-8000-000000000001', 'https://dev.azure.com/x'),
        ],
        'of an entraToken': () => [setting('Input.EntraToken', 'of-the-attacker')],
        'of the address of the connection': url => [
          settingExactly(`ENDPOINT_URL_${CONNECTION}`, `${url}/contoso`),
        ],
        'of the fields of the connection': url => [
          settingExactly(`ENDPOINT_DATA_${CONNECTION}`, `{"authorityUrl":"${url}"}`),
        ],
        'of its secrets': () => [settingExactly(`ENDPOINT_AUTH_${CONNECTION}`, '{"parameters":{}}')],
        'of its secrets and of the saved sign-in': () => [
          settingExactly(`ENDPOINT_AUTH_${CONNECTION}`, '{"parameters":{}}'),
          setting('VSTS_TASKVARIABLE_JOBPAT_ENTRATOKEN', 'of-the-attacker'),
        ],
        'of the record': () => [setting(RECORD, '[]'), setting('vsts.taskvariable.jobpat.record', 'x')],
        'of what says which run, job and step this is': () => [
          setting('Build.BuildId', '1'),
          setting('System.JobId', 'x'),
          setting('System.TaskInstanceId', 'x'),
          setting('SYSTEM_TEAMPROJECTID', 'x'),
        ],
        'of what steers Node.js': () => [setting('NODE_EXTRA_CA_CERTS', '/nowhere')],
      };
      for (const [what, attack] of [
        ...Object.entries(forged),
        ['of everything', (url: string) => Object.values(forged).flatMap(make => make(url))] as const,
      ])
        it(`${what}: its post-job stage tells it and revokes`, async () => {
          const job = await afterIssuing(emulator(), attack(listener.url()), { agentVersion });
          assert.deepEqual(emulator().pats.active(), [], job.log);
          assert.match(logOf(postOf(job)), /Revoked PAT/);
          listener.assertUnheard();
        });
    });

  it('a step with an entraToken revokes where a later one has put another into its variable', async () => {
    const token = () => emulator().entra.issueAccessToken().value;
    const steps = [
      setting('userToken', token()),
      issueStepWithoutConnection({ entraToken: '$(userToken)' }),
      setting('userToken', 'of-another-user'),
    ];
    const job = await runJobWith(emulator(), steps);
    assert.deepEqual(emulator().pats.active(), [], job.log);
  });

  describe('a name for the PAT that belongs to something else', () => {
    for (const inputs of [
      ...[
        'patName',
        'AuthorizationId',
        'pat.validTo',
        'NODE_OPTIONS',
        'PATH',
        'GIT_SSH_COMMAND',
        'LD_PRELOAD',
      ].map(name => ({ variableName: name })),
      { variableName: 'System.AccessToken' },
      { variableName: 'INPUT_SCOPES' },
      { basicVariableName: 'patName' },
      { basicVariableName: 'HTTPS_PROXY' },
    ])
      it(`${JSON.stringify(inputs)} is refused, and nothing goes out`, async () => {
        const job = await runJobWith(emulator(), [issueStep(inputs)]);
        assertFailedCleanly(job, emulator(), 'input-not-valid', /variableName|basicVariableName/);
        assert.deepEqual(operationsOf(emulator()), []);
        assert.deepEqual(job.outputs, {});
      });
  });
});
