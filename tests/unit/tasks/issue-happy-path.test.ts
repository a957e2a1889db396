import assert from 'node:assert/strict';
import { basicCredential } from '#text/secret-encodings';
import { json, withByteOrderMark } from './answers.js';
import { issuePat } from './issue-pat.js';
import type { Event } from './memory-agent.js';
import { patValue } from './pat-service.js';
import { mainStage, REFRESH_TOKEN, withoutNetwork } from './world.js';

const NAME =
  'Nightly mirror 20260301.1 job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/00000001';

describe('Issuing a PAT', () => {
  withoutNetwork();

  it('takes three requests with verify: sign-in, create, connectionData', async () => {
    const world = mainStage();
    await issuePat(world);
    assert.deepEqual(world.service.operations, ['redeem', 'create', 'verify']);
  });

  it('takes two requests without verify', async () => {
    const world = mainStage({ inputs: { verify: 'false' } });
    await issuePat(world);
    assert.deepEqual(world.service.operations, ['redeem', 'create']);
  });

  it('keeps the order: intent, request, mask, record, verify, expose', async () => {
    const world = mainStage({ inputs: { basicVariableName: 'JOB_PAT_BASIC' } });
    await issuePat(world);
    assert.deepEqual(world.story(step), [
      'mask refresh token',
      'POST login.microsoftonline.com',
      'answer 200',
      'mask Entra token',
      'mask newer refresh token',
      'task variable JobPat.EntraToken',
      'mask refresh token',
      'task variable JobPat.EntraTokenExpires',
      'task variable JobPat.Record: intent',
      'POST vssps.dev.azure.com',
      'answer 200',
      'mask PAT',
      'task variable JobPat.Record: authorization id',
      'GET dev.azure.com',
      'answer 200',
      'variable JOB_PAT',
      'variable JOB_PAT_BASIC',
      'output authorizationId',
      'output validTo',
      'output patName',
      'output gitUserName',
      'output gitUserEmail',
    ]);
  });

  it('asks for exactly the name, scope and end that it was told, never for all organizations', async () => {
    const world = mainStage({ inputs: { scopes: 'vso.code_write, vso.packaging', validFor: '90m' } });
    await issuePat(world);
    const request = world.service.request('create');
    assert.deepEqual(request.body, {
      displayName: NAME,
      scope: 'vso.code_write vso.packaging',
      validTo: '2026-03-01T11:30:00.000Z',
      allOrgs: false,
    });
  });

  it('warns of nothing where there is nothing to warn of', async () => {
    const world = mainStage();
    await issuePat(world);
    assert.deepEqual(world.agent.lines('warning'), []);
  });

  it('sends the create request to vssps with the bearer token, JSON, and no wish for a sign-in page', async () => {
    const world = mainStage();
    await issuePat(world);
    const request = world.service.request('create');
    assert.equal(
      request.url.href,
      'https://vssps.dev.azure.com/contoso/_apis/tokens/pats?api-version=7.1-preview.1',
    );
    assert.equal(request.headers['authorization'], 'Bearer entra-access-token-1');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.equal(request.headers['accept'], 'application/json');
    assert.equal(request.headers['x-tfs-fedauthredirect'], 'Suppress');
    assert.match(request.headers['user-agent'] ?? '', /^JobPat\//);
  });

  it('verifies with the PAT itself, as Basic credential without a user name', async () => {
    const world = mainStage();
    await issuePat(world);
    const request = world.service.request('verify');
    assert.match(request.url.href, /^https:\/\/dev\.azure\.com\/contoso\/_apis\/connectionData\?/);
    assert.equal(request.headers['authorization'], `Basic ${basicCredential(patValue(1))}`);
  });

  it('hands over the value, the Basic form and the outputs', async () => {
    const world = mainStage({ inputs: { variableName: 'MIRROR_PAT', basicVariableName: 'MIRROR_BASIC' } });
    await issuePat(world);
    assert.deepEqual(world.agent.secretVariables, {
      MIRROR_PAT: patValue(1),
      MIRROR_BASIC: Buffer.from(`:${patValue(1)}`).toString('base64'),
    });
    assert.deepEqual(world.agent.outputs, {
      authorizationId: '00000000-0000-4000-8000-000000000001',
      validTo: '2026-03-01T11:00:00.000Z',
      patName: NAME,
      gitUserName: '',
      gitUserEmail: '',
    });
  });

  it('sets no Basic variable when none is named', async () => {
    const world = mainStage();
    await issuePat(world);
    assert.deepEqual(Object.keys(world.agent.secretVariables), ['JOB_PAT']);
  });

  it('writes no secret into a line or an ordinary task variable', async () => {
    const world = mainStage();
    await issuePat(world);
    const secrets = [patValue(1), basicCredential(patValue(1)), 'entra-access-token-1', REFRESH_TOKEN];
    const open = world.agent.events.flatMap(event => {
      if (event.kind === 'line') return event.text;
      if (event.kind === 'output') return event.value;
      return event.kind === 'task variable' && !event.secret ? event.value : [];
    });
    assert.ok(open.length > 5);
    for (const secret of secrets) assert.ok(!open.join('\n').includes(secret));
  });

  it('reports the end that the service gave, with seven digits of a second, as a moment in UTC', async () => {
    const world = mainStage();
    world.service.next('create', usual => {
      const reply = usual();
      return { ...reply, body: reply.body.replace('11:00:00.000Z', '11:00:00.3433333Z') };
    });
    await issuePat(world);
    assert.equal(world.agent.outputs['validTo'], '2026-03-01T11:00:00.343Z');
  });

  it('reads answers that begin with a byte order mark', async () => {
    const world = mainStage();
    world.service
      .next('redeem', withByteOrderMark)
      .next('create', withByteOrderMark)
      .next('verify', withByteOrderMark);
    await issuePat(world);
    assert.equal(world.agent.secretVariables['JOB_PAT'], patValue(1));
  });

  it('takes an Entra token in place of a service connection, and signs nobody in', async () => {
    const world = mainStage({ inputs: { patIssuer: '', entraToken: 'eyJ.the-pipelines-own.token' } });
    await issuePat(world);
    assert.deepEqual(world.service.operations, ['create', 'verify']);
    const create = world.service.request('create');
    assert.equal(create.headers['authorization'], 'Bearer eyJ.the-pipelines-own.token');
    assert.equal(create.organization, 'contoso');
    assert.equal(world.agent.masks[0], 'eyJ.the-pipelines-own.token');
  });

  it('with revoke: never leaves nothing on the record for the post-job step', async () => {
    const world = mainStage({ inputs: { revoke: 'never' } });
    await issuePat(world);
    assert.equal(world.agent.taskVariable('JobPat.Record'), '[]');
    assert.equal(world.service.alive.size, 1);
  });

  it('accepts 201 as well as 200', async () => {
    const world = mainStage();
    world.service.next('create', usual => ({ ...usual(), status: 201 }));
    await issuePat(world);
    assert.equal(world.agent.secretVariables['JOB_PAT'], patValue(1));
  });

  it('is not misled by a value of "None" in another case', async () => {
    const world = mainStage();
    world.service.next('create', usual => {
      const reply = usual();
      return { ...reply, body: reply.body.replace('"none"', '"None"') };
    });
    await issuePat(world);
    assert.equal(world.agent.secretVariables['JOB_PAT'], patValue(1));
  });

  it('does not hand over a PAT whose value holds more than letters, digits and the marks of base64', async () => {
    const world = mainStage();
    world.service.next('create', usual => {
      const reply = usual();
      return json(200, JSON.parse(reply.body.replace(patValue(1), 'two\\nlines ##vso[task.x]')));
    });
    await assert.rejects(issuePat(world), /without the value of the PAT/);
    assert.equal(world.service.alive.size, 0);
    assert.deepEqual(world.agent.secretVariables, {});
  });
});

function step(event: Event): string | undefined {
  switch (event.kind) {
    case 'request':
      return `${event.method} ${new URL(event.url).host}`;
    case 'answer':
      return `answer ${event.status}`;
    case 'job variable':
      return `job variable ${event.name}`;
    case 'mask':
      return `mask ${secretName(event.secret)}`;
    case 'task variable':
      if (event.name !== 'JobPat.Record') return `task variable ${event.name}`;
      return `task variable JobPat.Record: ${event.value.includes('authorizationId') ? 'authorization id' : 'intent'}`;
    case 'variable':
    case 'output':
      return `${event.kind} ${event.name}`;
    case 'attachment':
    case 'timeline record':
    case 'line':
    case 'progress':
    case 'wait':
      return undefined;
  }
}

function secretName(secret: string): string {
  if (secret === REFRESH_TOKEN) return 'refresh token';
  if (secret === 'newer-refresh-token') return 'newer refresh token';
  return secret === patValue(1) ? 'PAT' : 'Entra token';
}
