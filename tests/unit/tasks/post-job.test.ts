import assert from 'node:assert/strict';
import {
  emptyUnauthorized,
  errorMessage,
  json,
  lost,
  patTokenError,
  signInPage,
  throttled,
  unavailable,
  type Answer,
} from './answers.js';
import { afterJob, issuePat } from './issue-pat.js';
import { sealed } from './recorded.js';
import { mainStage, withoutNetwork, type World } from './world.js';

const HOUR = 3_600_000;

/** A post-job stage after a main stage that issued one PAT; only its own requests count. */
async function stageAfterIssuing(inputs: Record<string, string> = {}): Promise<World> {
  const main = mainStage({ inputs });
  await issuePat(main);
  main.service.requests.length = 0;
  return main.laterStage();
}

describe('The post-job step', () => {
  withoutNetwork();

  it('revokes with one DELETE by authorization id, with the sign-in that the main step saved', async () => {
    const world = await stageAfterIssuing();
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['revoke']);
    const { method, url, headers, body } = world.service.request('revoke');
    assert.equal(method, 'DELETE');
    assert.equal(
      url.href,
      'https://vssps.dev.azure.com/contoso/_apis/tokens/pats' +
        '?authorizationId=00000000-0000-4000-8000-000000000001&api-version=7.1-preview.1',
    );
    assert.equal(headers['authorization'], 'Bearer entra-access-token-1');
    assert.equal(body, '');
    assert.equal(world.service.alive.size, 0);
  });

  it('masks the saved sign-in before it uses it', async () => {
    const world = await stageAfterIssuing();
    await afterJob(world);
    const events = world.story(({ kind }) => kind);
    assert.ok(world.agent.masks.includes('entra-access-token-1'));
    assert.ok(events.indexOf('mask') < events.indexOf('request'));
  });

  it('takes the PAT off the record, so that a second run has nothing to do', async () => {
    const world = await stageAfterIssuing();
    await afterJob(world);
    const again = world.laterStage();
    world.service.requests.length = 0;
    assert.equal(await afterJob(again), undefined);
    assert.deepEqual(world.service.operations, []);
  });

  for (const record of [
    undefined,
    '',
    '[]',
    '{}',
    'null',
    'not JSON',
    '[1, null, "x", {}]',
    '[{"organization":7}]',
  ]) {
    it(`sends nothing and succeeds when the record is ${record ?? 'absent'}`, async () => {
      const world = mainStage({ taskVariables: record === undefined ? {} : { 'JobPat.Record': record } });
      assert.equal(await afterJob(world), undefined);
      assert.deepEqual(world.service.operations, []);
    });
  }

  it('does not follow a record to a host that is not Azure DevOps', async () => {
    const entry = {
      organization: 'https://dev.azure.com.evil.example/contoso',
      displayName: 'x',
      validTo: '2026-03-01T11:00:00Z',
      asked: '2026-03-01T10:00:00Z',
    };
    const world = mainStage({ taskVariables: { 'JobPat.Record': sealed({ pats: [entry] }) } });
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, []);
  });

  const ended: Record<string, Answer> = {
    '200 with "none"': usual => (usual(), json(200, { patToken: null, patTokenError: 'none' })),
    '200 with tokenNotFound': patTokenError('tokenNotFound'),
    '200 with authorizationNotFound': patTokenError('authorizationNotFound'),
    '200 with hostAuthorizationNotFound': patTokenError('hostAuthorizationNotFound'),
    '400 with invalidAuthorizationId': patTokenError('invalidAuthorizationId', 400),
    '404 of type SessionTokenNotFoundException': errorMessage(
      404,
      'The session token could not be found.',
      'SessionTokenNotFoundException',
    ),
    '400 with AuthorizationNotFound as the message of a session token error': errorMessage(
      400,
      'AuthorizationNotFound',
    ),
  };
  for (const [name, answer] of Object.entries(ended)) {
    it(`takes ${name} for success, and asks no more`, async () => {
      const world = await stageAfterIssuing();
      world.service.next('revoke', answer);
      assert.equal(await afterJob(world), undefined);
      assert.deepEqual(world.service.operations, ['revoke']);
      assert.deepEqual(world.agent.lines('warning'), []);
    });
  }

  it('takes 200 without a body for success once the list does not hold the PAT', async () => {
    const world = await stageAfterIssuing();
    world.service.next('revoke', usual => ({ ...usual(), status: 200, body: '' }));
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['revoke', 'list']);
    assert.deepEqual(world.agent.lines('warning'), []);
  });

  /** None of these says that this PAT is gone. */
  const lies: Record<string, Answer> = {
    'a 200 without a body': () => ({ status: 200, body: '' }),
    'a 200 with null': () => json(200, null),
    'a 404 in JSON without a type': () => json(404, { message: 'There is no such authorization.' }),
    'an empty 404': () => ({ status: 404, body: '' }),
    'a 404 of a route that the host does not know': () => ({
      status: 404,
      body: "The controller for path '/contoso/_apis/tokens/pats' was not found or does not implement IController.",
      headers: { 'content-type': 'text/plain' },
    }),
    'a 404 web page': signInPage(404),
    'a 404 of another kind of thing': errorMessage(404, 'tokenNotFound', 'ProjectDoesNotExistException'),
    'a 410': () => ({ status: 410, body: '' }),
    'a 400 that says InvalidToken': errorMessage(400, 'InvalidToken'),
    'a 200 with invalidToken': patTokenError('invalidToken'),
    'a 403 that mentions tokenNotFound': errorMessage(
      403,
      'You may not; see tokenNotFound in the manual.',
      'AccessCheckException',
    ),
    'a 403 whose header names it': () => ({
      status: 403,
      body: '',
      headers: { 'x-tfs-serviceerror': 'tokenNotFound' },
    }),
    'a 202': () => ({ status: 202, body: '' }),
    'a 202 in JSON': () => json(202, { patTokenError: 'none' }),
    'a 206': () => ({ status: 206, body: '' }),
    'a 200 in JSON that says nothing of PATs': () => json(200, { status: 'ok' }),
  };
  for (const [name, answer] of Object.entries(lies)) {
    it(`after ${name} looks at the list, and warns when it holds the PAT`, async () => {
      const world = await stageAfterIssuing();
      world.service.always('revoke', answer);
      const outcome = await afterJob(world);
      assert.equal(outcome?.result, 'SucceededWithIssues');
      assert.match(outcome.message, /stays alive in contoso/);
      assert.ok(world.service.operations.includes('list'));
      assert.doesNotMatch(world.agent.lines().join('\n'), /gone already|Revoked PAT/);
    });

    it(`after ${name} believes the list that does not hold the PAT any more`, async () => {
      const world = await stageAfterIssuing();
      world.service.alive.clear();
      world.service.always('revoke', answer);
      assert.equal(await afterJob(world), undefined);
      assert.match(world.agent.lines().join('\n'), /was gone already|Revoked PAT/);
    });

    it(`after ${name} warns when the list cannot be read`, async () => {
      const world = await stageAfterIssuing();
      world.service.alive.clear();
      world.service.always('revoke', answer).always('list', errorMessage(403, 'No.'));
      assert.equal((await afterJob(world))?.result, 'SucceededWithIssues');
    });
  }

  it('after a 200 that is a web page warns, whatever the page says', async () => {
    const world = await stageAfterIssuing();
    world.service.always('revoke', signInPage(200));
    assert.equal((await afterJob(world))?.result, 'SucceededWithIssues');
  });

  it('sends nothing for a PAT that has expired', async () => {
    const world = await stageAfterIssuing();
    world.clock.pass(2 * HOUR);
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, []);
    assert.match(world.agent.lines().join('\n'), /expired at 2026-03-01 11:00 UTC/);
  });

  it('still revokes a PAT that expired a moment ago by the clock of the agent, which may be fast', async () => {
    const world = await stageAfterIssuing();
    world.clock.pass(HOUR + 5 * 60_000);
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['redeem', 'revoke']);
  });

  it('comes back as often as 503 and lost connections ask for, inside a minute', async () => {
    const world = await stageAfterIssuing();
    world.service.next('revoke', unavailable(503, 5), lost, throttled(20), unavailable());
    assert.equal(await afterJob(world), undefined);
    assert.equal(world.service.count('revoke'), 5);
    assert.deepEqual([world.clock.waits[0], world.clock.waits[2]], [5000, 20_000]);
    assert.equal(world.service.alive.size, 0);
  });

  const hopeless: Record<string, Answer> = {
    '503 for ever': unavailable(),
    '503 with Retry-After for ever': unavailable(503, 10),
    '429 for an hour': throttled(3600),
    'a reset connection for ever': lost,
    '200 with an error': patTokenError('accessDenied'),
    'a 403': errorMessage(403, 'No.'),
    'a sign-in page for ever': signInPage(),
    'an empty 401 for ever': emptyUnauthorized,
    'JSON that is none': () => ({ status: 200, body: '{"', headers: { 'content-type': 'application/json' } }),
  };
  for (const [name, answer] of Object.entries(hopeless)) {
    it(`after ${name} warns within a minute: which PAT, until when, how to end it`, async () => {
      const world = await stageAfterIssuing();
      world.service.always('revoke', answer);
      const outcome = await afterJob(world);
      assert.equal(outcome?.result, 'SucceededWithIssues');
      assert.match(outcome.message, /job-pat:build\/.*\/00000001/);
      assert.match(outcome.message, /00000000-0000-4000-8000-000000000001/);
      assert.match(outcome.message, /until 2026-03-01 11:00 UTC/);
      assert.match(outcome.message, /https:\/\/dev\.azure\.com\/contoso\/_usersSettings\/tokens/);
      assert.match(outcome.message, /RevokePat@1/);
      const waited = world.clock.waits.reduce((sum, wait) => sum + wait, 0);
      assert.ok(waited <= 60_000, `${waited} ms`);
      assert.match(world.agent.taskVariable('JobPat.Record') ?? '', /authorizationId/);
    });
  }

  it('fails the job where onRevokeFailure says so', async () => {
    const world = await stageAfterIssuing({ onRevokeFailure: 'fail' });
    world.service.always('revoke', patTokenError('accessDenied'));
    const outcome = await afterJob(world);
    assert.equal(outcome?.result, 'Failed');
    assert.match(outcome.message, /stays alive/);
  });
});
