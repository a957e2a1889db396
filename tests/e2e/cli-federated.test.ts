import assert from 'node:assert/strict';
import type { Application } from '#emulator/index';
import { commandLineTool, run, start, type Outcome } from './cli-process.js';
import { emulatorForEachTest, runIssuingJob } from './issuing-job.js';
import { secretsOf } from './secret-traces.js';

const SECRET = 'Secret~of.the-first-sign-in';
const NAME = `PAT issuer of "Ann's" $(team) 店`;

describe('job-pat sets up what stores no secret of an application:', () => {
  const emulator = emulatorForEachTest();

  before(commandLineTool);
  beforeEach(() => {
    emulator().entra.deviceCodes.interval = 1;
  });

  const where = () => ['-o', emulator().organizationUrl('contoso'), '-p', 'sample', '-n', NAME];

  /** A connection as the organization holds it, for a job. */
  const saved = () => {
    const { id, url, scheme, data, parameters } = emulator().connections.get(NAME);
    return { id, url, scheme, data, parameters };
  };

  async function connectFederated(application: Application): Promise<Outcome> {
    const arguments_ = ['connect', '--federated', ...where(), '-c', application.clientId];
    const command = start(arguments_, { JOB_PAT_CLIENT_SECRET: SECRET });
    await emulator().waitFor('entra.deviceCode');
    emulator().entra.deviceCodes.approve(emulator().entra.user);
    return command.ended;
  }

  const issue = async () =>
    runIssuingJob(emulator(), {
      serviceConnections: { [NAME]: saved() },
      steps: [{ task: 'IssuePat@1', name: 'pat', inputs: { patIssuer: NAME, scopes: 'vso.code' } }],
    });

  it('connect --federated, with which a job issues once its command was run and the secret is gone', async () => {
    const application = emulator().entra.registerApplication({ clientSecret: SECRET });
    const outcome = await connectFederated(application);
    assert.equal(outcome.code, 0, outcome.stderr);
    const { scheme, data, parameters } = saved();
    assert.deepEqual([scheme, Object.keys(parameters)], ['Token', ['apitoken']]);
    assert.equal(data['clientProof'], 'federation');
    const shown = outcome.stdout + outcome.stderr;
    for (const secret of [...secretsOf(emulator()), SECRET]) assert.ok(!shown.includes(secret));

    application.clientSecret = undefined;
    assert.equal((await issue()).result, 'Failed', 'the application trusts nobody yet');
    const [, json = ''] =
      /federated-credential create --id \S+ --parameters '(.*)'/.exec(outcome.stdout) ?? [];
    const { issuer, subject, audiences } = JSON.parse(json) as {
      issuer: string;
      subject: string;
      audiences: [string];
    };
    assert.equal(subject, `sc://contoso/sample/${NAME}`);
    application.federatedCredentials.push({ issuer, subject, audience: audiences[0] });
    const job = await issue();
    assert.equal(job.result, 'Succeeded', job.log);
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('connect --federated stores nothing of a public client', async () => {
    const outcome = await connectFederated(emulator().entra.application);
    assert.equal(outcome.code, 1);
    assert.equal(emulator().connections.find(NAME), undefined);
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('connect --agent-user, with which a job issues while nothing secret is stored', async () => {
    const agent = emulator().entra.addAgentUser();
    const administrator = emulator().entra.issueAccessToken({ scopes: ['user_impersonation'] }).value;
    const outcome = await run(
      [
        ...['connect', ...where(), '-c', agent.blueprint.clientId],
        ...['--agent-user', agent.user.principalName, '--agent-identity', agent.id, '--entra-token'],
      ],
      {},
      administrator,
    );
    assert.equal(outcome.code, 0, outcome.stderr);
    const { id, scheme, parameters } = saved();
    assert.deepEqual([scheme, parameters], ['None', {}]);
    agent.blueprint.federatedCredentials.push(...emulator().oidc.trustIn({ id, name: NAME }));
    const job = await issue();
    assert.equal(job.result, 'Succeeded', job.log);
    assert.ok(
      emulator()
        .pats.list()
        .some(({ owner }) => owner === agent.user),
    );
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('--print-app-registration asks the organization for its id, and nobody to sign in', async () => {
    const token = emulator().entra.issueAccessToken({ scopes: ['user_impersonation'] }).value;
    const arguments_ = ['connect', '--federated', '--print-app-registration', ...where()];
    const known = await run(arguments_, { JOB_PAT_ENTRA_TOKEN: token });
    assert.equal(known.code, 0, known.stderr);
    const { issuer } = emulator().oidc.identityOf({ connection: { id: '', name: NAME } });
    assert.ok(known.stdout.includes(issuer));
    const unknown = await run(arguments_);
    assert.equal(unknown.code, 0, unknown.stderr);
    assert.match(unknown.stdout, /organization_id=\$\(az rest/);
    assert.deepEqual(
      emulator().requests.map(({ operation }) => operation),
      ['connectionData', 'connectionData'],
    );
  });

  it('doctor says whom the application has to trust, and what only a run shows', async () => {
    const application = emulator().entra.registerApplication({ clientSecret: SECRET });
    await connectFederated(application);
    const token = emulator().entra.issueAccessToken().value;
    const outcome = await run(['doctor', ...where(), '-c', application.clientId], {
      JOB_PAT_ENTRA_TOKEN: token,
    });
    const text = outcome.stdout.replace(/\s+/g, ' ');
    const { issuer, subject } = emulator().oidc.identityOf({ connection: { id: '', name: NAME } });
    assert.ok(text.includes(`issuer ${issuer} and subject ${subject}; only a run shows`), text);
  });
});
