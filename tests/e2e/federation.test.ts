import assert from 'node:assert/strict';
import { fault, type Emulator, type Fault, type OidcToken } from '#emulator/index';
import {
  azureConnection,
  azureConnectionName,
  federatedConnection,
  issuerConnectionName,
} from '#local-agent/emulated-run';
import type { ServiceConnection } from '#local-agent/index';
import {
  emulatorForEachTest,
  issuesOf,
  issueStep,
  mainOf,
  operationsOf,
  postOf,
  runIssuingJob,
} from './issuing-job.js';
import { assertHoldsWorkingPat, dueRotation, inputsOf, NAME, places, storedIssuer } from './rotating-job.js';
import { runWith, succeeded, assertNothingAlive } from './proven-sign-in.js';

describe('A service connection that proves the application', () => {
  const emulator = emulatorForEachTest();

  for (const provider of ['vstoken', 'entra'] as const) {
    it(`issues with 3 requests, 4 with verify, and revokes with 1, where ${provider} signs the proof`, async () => {
      emulator().oidc.provider = provider;
      const connection = federatedConnection(emulator());
      succeeded(await runWith(emulator(), connection));
      assert.deepEqual(operationsOf(emulator()), [
        'oidctoken',
        'entra.token',
        'pats.create',
        'connectionData',
        'pats.revoke',
      ]);
      emulator().forgetRequests();
      succeeded(await runWith(emulator(), connection, { steps: [issueStep({ verify: false })] }));
      assert.deepEqual(operationsOf(emulator()), ['oidctoken', 'entra.token', 'pats.create', 'pats.revoke']);
      assertNothingAlive(emulator());
    });
  }

  it('issues in a classic release too, and where the connection is of another organization than the run', async () => {
    const connection = federatedConnection(emulator());
    succeeded(await runWith(emulator(), connection, { hostType: 'release' }));
    const elsewhere = { ...connection, url: emulator().organizationUrl('fabrikam') };
    succeeded(await runWith(emulator(), elsewhere));
    assert.deepEqual(
      emulator()
        .pats.list()
        .map(({ organization }) => organization.name),
      ['contoso', 'fabrikam'],
    );
    assert.ok(
      emulator().oidc.issued.every(({ claims }) => claims['sub'] === 'sc://contoso/sample/PAT issuer'),
    );
  });

  it('shows nothing of the proof with System.Debug either', async () => {
    succeeded(await runWith(emulator(), federatedConnection(emulator()), { debug: true }));
  });

  it('sends the proof with the refresh grant, and no secret', async () => {
    await runWith(emulator(), federatedConnection(emulator()));
    const [request] = emulator().requestsOf('entra.token');
    const form = new URLSearchParams(request?.body ?? '');
    assert.equal(form.get('grant_type'), 'refresh_token');
    assert.equal(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    assert.equal(form.get('client_assertion'), emulator().oidc.issued[0]?.value);
    assert.equal(form.has('client_secret'), false);
  });

  it('makes the refresh token worth nothing to somebody who has read it', async () => {
    const connection = federatedConnection(emulator());
    const { clientId = '', tenantId = '' } = connection.data ?? {};
    const redeem = async (more: Record<string, string>): Promise<unknown> => {
      const answer = await fetch(`${emulator().url}/${tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          client_id: clientId,
          refresh_token: connection.parameters['apitoken'] ?? '',
          scope: '499b84ac-1321-427f-aa17-267ca6975798/.default',
          ...more,
        }),
      });
      const { error_codes } = (await answer.json()) as { error_codes?: number[] };
      return error_codes?.[0];
    };
    assert.equal(await redeem({}), 7000218);
    assert.equal(await redeem({ client_secret: 'a guess' }), 7000215);
    // Without the connection among its inputs no step brings a job the token.
    const job = await runIssuingJob(emulator(), {
      serviceConnections: { [issuerConnectionName]: connection },
      steps: [{ bash: 'true' }],
    });
    succeeded(job);
    assert.deepEqual(emulator().oidc.issued, []);
  });

  it('signs in anew in the post-job, with a new proof, where the first sign-in has ended', async () => {
    const connection = federatedConnection(emulator());
    emulator().faults.add('entra.token', endsAtOnce());
    succeeded(await runWith(emulator(), connection));
    assert.deepEqual(operationsOf(emulator()), [
      ...['oidctoken', 'entra.token', 'pats.create', 'connectionData'],
      ...['oidctoken', 'entra.token', 'pats.revoke'],
    ]);
    assertNothingAlive(emulator());
  });

  it('prints issuer and subject that Entra does not know, and the command that lets them in', async () => {
    const connection = federatedConnection(emulator());
    const application = applicationOf(emulator(), connection);
    application.federatedCredentials.length = 0;
    const job = await runWith(emulator(), connection);
    assert.equal(job.result, 'Failed');
    const text = issuesOf(mainOf(job));
    const { claims } = emulator().oidc.issued[0] ?? assert.fail('No token was issued.');
    assert.ok(text.includes(String(claims['iss'])), text);
    assert.ok(text.includes(String(claims['sub'])), text);
    assert.match(text, new RegExp(`az ad app federated-credential create --id ${application.clientId} `));
    assert.deepEqual(operationsOf(emulator()), ['oidctoken', 'entra.token']);
  });

  it('runs the command that it printed: then the next run works', async () => {
    const connection = federatedConnection(emulator());
    const application = applicationOf(emulator(), connection);
    application.federatedCredentials.length = 0;
    const text = issuesOf(mainOf(await runWith(emulator(), connection)));
    const [, json = ''] = /--parameters '(\{.*\})'/.exec(text) ?? [];
    const { issuer, subject, audiences } = JSON.parse(json) as {
      issuer: string;
      subject: string;
      audiences: [string];
    };
    application.federatedCredentials.push({ issuer, subject, audience: audiences[0] });
    succeeded(await runWith(emulator(), connection));
  });

  it('gets no PAT with the proof of another connection, or of the pipeline', async () => {
    const connection = federatedConnection(emulator());
    emulator().oidc.provider = 'entra';
    const others: readonly OidcToken[] = [
      emulator().oidc.issue({ connection: { id: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'x' } }),
      emulator().oidc.issue({ pipeline: 'nightly' }),
    ];
    for (const { value } of others) {
      emulator().faults.add('oidctoken', fault.oidcToken(value));
      const job = await runWith(emulator(), connection);
      assert.equal(job.result, 'Failed');
      assert.doesNotMatch(job.log, /federated-credential create/);
    }
    assert.deepEqual(emulator().requestsOf('pats.create'), []);
  });

  const answers = [
    ['401', fault.unauthorized()],
    ['403', fault.error({ status: 403, typeKey: 'AccessDeniedException', message: 'No.' })],
    ['404', fault.routeUnknown()],
    ['HTML', fault.htmlInPlaceOfJson()],
    ['a sign-in page', fault.signIn()],
    ['a redirect', fault.redirect()],
    ['no token', fault.noOidcToken()],
    ['20 MB', fault.huge()],
  ] as const;
  it('fails with a message about the OIDC token, and no PAT, when it is answered with something else', async () => {
    const connection = federatedConnection(emulator());
    for (const [what, wrong] of answers) {
      emulator().forgetRequests();
      emulator().faults.add('oidctoken', wrong);
      const job = await runWith(emulator(), connection, { steps: [issueStep({ verify: false })] });
      assert.equal(job.result, 'Failed', what);
      assert.match(issuesOf(mainOf(job)), /OIDC token/, what);
      assert.deepEqual(operationsOf(emulator()), ['oidctoken'], what);
    }
    assertNothingAlive(emulator());
  });

  it('says in the words of Azure Pipelines that this job may not have the token of the connection', async () => {
    for (const status of [403, 404, 400] as const) {
      emulator().manners.foreignConnection = status;
      const job = await runWith(emulator(), federatedConnection(emulator()), {
        onJob: ({ token, ...started }) => {
          emulator().jobs.start(token, { ...started, connections: [] });
        },
      });
      assert.equal(job.result, 'Failed');
      assert.match(issuesOf(mainOf(job)), /There is no explicit reference to service connection/);
      assert.match(issuesOf(mainOf(job)), /token of this job/);
    }
    assert.deepEqual(emulator().requestsOf('entra.token'), []);
  });

  it('asks again where Azure Pipelines is busy for a moment', async () => {
    emulator().faults.add('oidctoken', fault.throttled(1));
    emulator().faults.add('oidctoken', fault.unavailable(500));
    succeeded(await runWith(emulator(), federatedConnection(emulator())));
    assert.equal(emulator().requestsOf('oidctoken').length, 3);
  });

  it('takes a new proof once when Entra finds the first out of its time', async () => {
    const connection = federatedConnection(emulator());
    const late = (): string =>
      emulator().oidc.issue({
        project: 'sample',
        connection: { id: connection.id ?? '', name: issuerConnectionName },
        expiresInSeconds: -1,
      }).value;
    emulator().faults.add('oidctoken', fault.oidcToken(late()));
    succeeded(await runWith(emulator(), connection));
    emulator().forgetRequests();
    emulator().faults.add('oidctoken', fault.oidcToken(late()), { times: 2 });
    const job = await runWith(emulator(), connection);
    assert.equal(job.result, 'Failed');
    assert.match(issuesOf(mainOf(job)), /clock/i);
    assert.equal(emulator().requestsOf('entra.token').length, 2);
  });

  it('does not follow an OIDC address that an earlier step has set', async () => {
    const connection = federatedConnection(emulator());
    for (const address of ['http://127.0.0.1:1/contoso', `${emulator().url}/fabrikam`]) {
      const path = 'p/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken';
      const steps = [
        { bash: `echo "##vso[task.setvariable variable=System.OidcRequestUri]${address}/${path}"` },
        issueStep(),
      ];
      const job = await runWith(emulator(), connection, { steps });
      assert.equal(job.result, 'Failed');
      assert.match(issuesOf(mainOf(job)), /System\.OidcRequestUri/);
    }
    assert.deepEqual(operationsOf(emulator()), []);
  });

  it('is told apart from a public client, and from a secret that is still there', async () => {
    const connection = federatedConnection(emulator());
    applicationOf(emulator(), connection).isPublic = true;
    const stillPublic = await runWith(emulator(), connection);
    assert.match(issuesOf(mainOf(stillPublic)), /700025/);
    emulator().forgetRequests();
    const withSecret = await runWith(emulator(), {
      ...connection,
      parameters: { ...connection.parameters, clientSecret: 'an-old-secret-of-the-application' },
    });
    assert.match(issuesOf(mainOf(withSecret)), /Remove the client secret/);
    const unknown = await runWith(emulator(), {
      ...connection,
      data: { ...connection.data, clientProof: 'Federation' },
    });
    assert.match(issuesOf(mainOf(unknown)), /clientProof/);
    assert.deepEqual(operationsOf(emulator()), []);
  });

  it('is renewed with the same proof, and keeps it: the refresh token alone is new', async () => {
    const stored = storedIssuer(emulator(), '', federatedConnection(emulator()));
    const job = await runWith(emulator(), stored, {
      steps: [{ task: 'RenewPatIssuer@1', name: 'renew', inputs: { patIssuer: issuerConnectionName } }],
    });
    succeeded(job);
    const { parameters, data, scheme } = emulator().connections.get(issuerConnectionName);
    assert.deepEqual([scheme, Object.keys(parameters)], ['Token', ['apitoken']]);
    assert.notEqual(parameters['apitoken'], stored.parameters['apitoken']);
    assert.deepEqual(data, stored.data);
    assert.ok(emulator().oidc.issued.length <= 2);
    succeeded(await runWith(emulator(), { ...stored, parameters }));
  });

  it('rotates into a key vault, whose Azure connection proves itself with a token of its own', async () => {
    dueRotation(emulator(), places.keyVault);
    const job = await runWith(emulator(), federatedConnection(emulator()), {
      serviceConnections: {
        [issuerConnectionName]: federatedConnection(emulator()),
        [azureConnectionName]: azureConnection(emulator()),
      },
      steps: [
        {
          task: 'RotatePat@1',
          name: 'rotate',
          inputs: {
            patIssuer: issuerConnectionName,
            name: NAME,
            scopes: 'vso.code',
            ...inputsOf(places.keyVault, emulator()),
          },
        },
      ],
    });
    succeeded(job);
    assertHoldsWorkingPat(emulator(), places.keyVault, 'after the rotation');
    assert.deepEqual(
      emulator()
        .oidc.issued.map(({ claims }) => claims['sub'])
        .sort(),
      ['sc://contoso/sample/Contoso Azure', 'sc://contoso/sample/PAT issuer'],
    );
  });

  it('leaves a PAT to its end, named, when the token of the job has died before the post-job', async () => {
    const connection = federatedConnection(emulator());
    emulator().faults.add('entra.token', endsAtOnce());
    emulator().faults.add('oidctoken', fault.unauthorized(), {
      when: () => emulator().requestsOf('pats.create').length > 0,
    });
    const job = await runWith(emulator(), connection);
    assert.equal(job.result, 'SucceededWithIssues');
    const [pat] = emulator().pats.active();
    assert.ok(issuesOf(postOf(job), 'warning').includes(pat?.displayName ?? 'no PAT'), job.log);
  });
});

function applicationOf({ entra }: Emulator, { data }: ServiceConnection) {
  const application = entra.applications.find(({ clientId }) => clientId === data?.['clientId']);
  return application ?? assert.fail('The connection names no application.');
}

/** The sign-in gives a token that is over before the job is. */
function endsAtOnce(): Fault {
  return fault.changed('a token that ends at once', reply => {
    const body = { ...(JSON.parse(reply.body.toString('utf8')) as object), expires_in: 1 };
    return { ...reply, body: Buffer.from(JSON.stringify(body)) };
  });
}
