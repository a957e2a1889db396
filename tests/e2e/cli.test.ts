import assert from 'node:assert/strict';
import { fault } from '#emulator/index';
import { commandLineTool, run, start, type Outcome, type Running } from './cli-process.js';
import { ConnectionStore } from './connection-store.js';
import { emulatorForEachTest, mainOf, runIssuingJob } from './issuing-job.js';

describe('job-pat', () => {
  const emulator = emulatorForEachTest();
  let store: ConnectionStore;

  before(commandLineTool);
  beforeEach(async () => {
    store = await ConnectionStore.start(emulator());
    emulator().entra.deviceCodes.interval = 1;
  });
  afterEach(() => store.close());

  const organization = () => `${store.url}/contoso`;
  const connectArguments = (...more: string[]) => [
    'connect',
    ...['-o', organization(), '-p', 'sample', '--client-id', emulator().entra.clientId],
    ...more,
  ];

  /** Starts the command, and lets the issuing user do something as soon as the code is shown. */
  async function signingIn(
    arguments_: readonly string[],
    person: () => void = () => {
      emulator().entra.deviceCodes.approve(emulator().entra.user);
    },
  ): Promise<Running> {
    const command = start(arguments_);
    await emulator().waitFor('entra.deviceCode');
    person();
    return command;
  }

  const alive = () => emulator().pats.active();

  function assertNothingLeft(outcome: Outcome): void {
    assert.deepEqual(alive(), []);
    assert.equal(store.connections.size, 0, outcome.stderr);
  }

  function assertNoSecrets({ stdout, stderr }: Outcome): void {
    const { refreshTokens, accessTokens, deviceCodes } = emulator().entra;
    const secrets = [
      ...refreshTokens.map(({ value }) => value),
      ...accessTokens.map(({ value }) => value),
      ...deviceCodes.all.map(({ deviceCode }) => deviceCode),
      ...emulator()
        .pats.list()
        .map(({ value }) => value),
    ];
    for (const secret of secrets) assert.ok(!(stdout + stderr).includes(secret), 'a secret was printed');
  }

  describe('connect', () => {
    it('makes a connection in the emulated organization, with which a job issues, and updates it the next time', async () => {
      const url = emulator().organizationUrl('contoso');
      const arguments_ = ['connect', '-o', url, '-p', 'sample', '--client-id', emulator().entra.clientId];
      const first = await (await signingIn(arguments_)).ended;
      assert.equal(first.code, 0, first.stderr);
      const made = emulator().connections.get('PAT issuer');
      const { id, scheme, data, parameters } = made;
      assert.equal(made.type, 'jobPatIssuer');
      const token = parameters['apitoken'];
      const connection = { id, url: made.url, scheme, data, parameters };
      const job = await runIssuingJob(emulator(), { serviceConnections: { 'PAT issuer': connection } });
      assert.equal(job.result, 'Succeeded', job.log);

      emulator().forgetRequests();
      const second = await (await signingIn(arguments_)).ended;
      assert.equal(second.code, 0, second.stderr);
      const updated = emulator().connections.get('PAT issuer');
      assert.equal(updated.id, id);
      assert.notEqual(updated.parameters['apitoken'], token);
      assert.deepEqual(alive(), []);
    });

    it('makes the connection of the contract with a PAT of five minutes, and leaves no PAT', async () => {
      const command = await signingIn(
        connectArguments('--allowed-scopes', 'Code (Read), vso.packaging', '--max-lifetime', '4h'),
      );
      const outcome = await command.ended;
      assert.equal(outcome.code, 0, outcome.stderr);
      const made = store.only;
      assert.equal(made['type'], 'jobPatIssuer');
      assert.equal(made['name'], 'PAT issuer');
      assert.equal(made['url'], organization());
      assert.deepEqual(made['data'], {
        tenantId: emulator().entra.tenantId,
        clientId: emulator().entra.clientId,
        authorityUrl: emulator().url,
        allowedScopes: 'vso.code vso.packaging',
        maxLifetime: '4h',
        maxRotatedLifetime: '0d',
        allowedOrganizations: 'contoso',
      });
      const [reference] = made['serviceEndpointProjectReferences'] as { projectReference: { id: string } }[];
      const id = reference?.projectReference.id;
      assert.match(id ?? '', /^[0-9a-f-]{36}$/);
      assert.deepEqual(made['serviceEndpointProjectReferences'], [
        { projectReference: { id, name: 'sample' }, name: 'PAT issuer', description: made['description'] },
      ]);
      const { scheme, parameters } = made['authorization'] as {
        scheme: string;
        parameters: Record<string, string>;
      };
      assert.equal(scheme, 'Token');
      assert.deepEqual(Object.keys(parameters), ['apitoken']);
      assert.ok(emulator().entra.refreshTokens.some(({ value }) => value === parameters['apitoken']));
      assert.deepEqual(
        emulator()
          .pats.list()
          .map(({ scope }) => scope),
        ['vso.serviceendpoint_manage vso.project'],
      );
      assert.deepEqual(alive(), []);
      assertNoSecrets(outcome);
    });

    it('makes a connection that IssuePat@1 works with', async () => {
      await (
        await signingIn(connectArguments())
      ).ended;
      const { url, data, authorization } = store.only as {
        url: string;
        data: Record<string, string>;
        authorization: { parameters: Record<string, string> };
      };
      const job = await runIssuingJob(emulator(), {
        connection: { ...data, url },
        credentials: authorization.parameters,
      });
      assert.equal(mainOf(job).result, 'Succeeded', mainOf(job).log.join('\n'));
    });

    it('changes an existing connection of the type, and keeps the ceilings that no option names', async () => {
      await (
        await signingIn(connectArguments('--allowed-scopes', 'vso.code'))
      ).ended;
      emulator().forgetRequests();
      const before = (store.only['authorization'] as { parameters: Record<string, string> }).parameters[
        'apitoken'
      ];
      const outcome = await (await signingIn(connectArguments('--max-lifetime', '2h'))).ended;
      assert.equal(outcome.code, 0, outcome.stderr);
      const data = store.only['data'] as Record<string, string>;
      assert.equal(data['allowedScopes'], 'vso.code');
      assert.equal(data['maxLifetime'], '2h');
      assert.notEqual(
        (store.only['authorization'] as { parameters: Record<string, string> }).parameters['apitoken'],
        before,
      );
    });

    it('leaves an existing connection of another type as it is', async () => {
      const other = {
        id: '0b7a3f9e-1111-4222-8333-444455556666',
        name: 'PAT issuer',
        type: 'Generic',
        authorization: { scheme: 'Token', parameters: {} },
      };
      store.connections.set(other.id, other);
      const outcome = await (await signingIn(connectArguments())).ended;
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /already, of type Generic\. It stays as it is/);
      assert.deepEqual(store.only, other);
      assert.deepEqual(alive(), []);
    });

    it('says who may make connections when the user may not', async () => {
      store.refuse = ({ method }) =>
        method === 'POST' ? { status: 403, message: 'no permission' } : undefined;
      const outcome = await (await signingIn(connectArguments())).ended;
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /role Creator/);
      assertNothingLeft(outcome);
    });

    it('says that it is not known whether a connection was changed, when no answer tells', async () => {
      await (
        await signingIn(connectArguments())
      ).ended;
      emulator().forgetRequests();
      store.refuse = ({ method }) => (method === 'PUT' ? { status: 503, message: 'busy' } : undefined);
      const outcome = await (await signingIn(connectArguments('--max-lifetime', '2h'))).ended;
      assert.equal(outcome.code, 1, outcome.stderr);
      assert.match(outcome.stderr, /It is not known whether service connection "PAT issuer" was changed/);
      assert.match(outcome.stderr, /Look with "job-pat doctor"/);
      assert.deepEqual(alive(), []);
    });

    it('finds that a connection was changed, though the answer was lost', async () => {
      await (
        await signingIn(connectArguments())
      ).ended;
      emulator().forgetRequests();
      store.refuse = ({ method }) => (method === 'PUT' ? 'cut' : undefined);
      const outcome = await (await signingIn(connectArguments('--max-lifetime', '2h'))).ended;
      assert.equal(outcome.code, 0, outcome.stderr);
      assert.match(outcome.stdout, /Service connection PAT issuer changed\./);
    });

    it('says that a connection of the name is there and not shown', async () => {
      const message =
        'Service connection with name PAT issuer already exists. Only a user having permissions can see it.';
      store.refuse = ({ method }) => (method === 'POST' ? { status: 409, message } : undefined);
      const outcome = await (await signingIn(connectArguments())).ended;
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /has a connection of this name, and does not show it/);
      assert.match(outcome.stderr, /--name/);
      assertNothingLeft(outcome);
    });

    it('tells that the service says making failed, and leaves no connection', async () => {
      store.status = { state: 'Failed', statusMessage: 'no quota' };
      const outcome = await (await signingIn(connectArguments())).ended;
      assert.equal(outcome.code, 1, outcome.stdout);
      assert.match(
        outcome.stderr,
        /The service says that making service connection "PAT issuer" failed: no quota\./,
      );
      assertNothingLeft(outcome);
    });

    it('does not say that nobody signed in, when Entra did not tell', async () => {
      emulator().entra.deviceCodes.expiresIn = 3;
      emulator().faults.add('entra.token', fault.unavailable(), { times: 100 });
      const outcome = await (await signingIn(connectArguments())).ended;
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /while Entra did not say whether somebody had signed in/);
      assert.doesNotMatch(outcome.stderr, /before anybody signed in/);
      assertNothingLeft(outcome);
    });

    it('says so when the sign-in is declined', async () => {
      const outcome = await (
        await signingIn(connectArguments(), () => {
          emulator().entra.deviceCodes.decline();
        })
      ).ended;
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /The sign-in was declined\./);
      assertNothingLeft(outcome);
    });

    it('says so when the code expires', async () => {
      emulator().entra.deviceCodes.expiresIn = 1;
      const outcome = await (await signingIn(connectArguments(), () => undefined)).ended;
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /The code expired/);
      assertNothingLeft(outcome);
    });

    it('says so when consent is missing', async () => {
      const { clientId } = emulator().entra.registerApplication({ consented: ['vso.pats'] });
      const outcome = await (
        await signingIn(['connect', '-o', organization(), '-p', 'sample', '-c', clientId])
      ).ended;
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /consent/i);
      assertNothingLeft(outcome);
    });

    it('asks more slowly when Entra wants it, and bears a lost answer', async () => {
      emulator().faults.add('entra.token', fault.resetBefore());
      emulator().faults.add('entra.token', fault.unavailable());
      const outcome = await (await signingIn(connectArguments())).ended;
      assert.equal(outcome.code, 0, outcome.stderr);
    });

    it('stops at Ctrl+C while it waits for the person', async () => {
      const command = await signingIn(connectArguments(), () => undefined);
      await emulator().waitFor('entra.token');
      command.child.kill('SIGINT');
      const outcome = await command.ended;
      assert.equal(outcome.code, 130, outcome.stderr);
      assertNothingLeft(outcome);
    });

    it('stopped at Ctrl+C while the PAT is made, leaves none', async () => {
      emulator().faults.add('pats.create', fault.hangAfter());
      const command = await signingIn(connectArguments());
      await emulator().waitFor('pats.create', { phase: 'arrival' });
      command.child.kill('SIGINT');
      const outcome = await command.ended;
      assert.equal(outcome.code, 130, outcome.stderr);
      assertNothingLeft(outcome);
    });

    it('stopped at Ctrl+C while the connection is made, removes it', async () => {
      store.refuse = ({ method }) => (method === 'POST' ? 'hang' : undefined);
      const command = await signingIn(connectArguments());
      await store.next('POST');
      command.child.kill('SIGINT');
      const outcome = await command.ended;
      assert.equal(outcome.code, 130, outcome.stderr);
      assertNothingLeft(outcome);
      assert.match(outcome.stderr, /Removed service connection/);
    });

    it('tells every fault of its options at once, without a request', async () => {
      const outcome = await run([
        'connect',
        '-o',
        'https://example.com/x',
        '--max-lifetime',
        'long',
        '--allowed-scopes',
        'vso.cod',
      ]);
      assert.equal(outcome.code, 2);
      for (const part of ['--organization', '--project', '--client-id', '--allowed-scopes'])
        assert.ok(outcome.stderr.includes(part), part);
    });
  });

  it('takes no secret as an argument, and does not repeat it', async () => {
    const outcome = await run(['list', '--refresh-token=super-secret-value']);
    assert.equal(outcome.code, 2);
    assert.ok(!outcome.stderr.includes('super-secret-value'));
  });
});
