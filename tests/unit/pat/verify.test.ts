import assert from 'node:assert/strict';
import {
  emptyUnauthorized,
  errorMessage,
  json,
  lost,
  redirect,
  signInPage,
  throttled,
  unavailable,
  type Answer,
} from '../tasks/answers.js';
import { issuePat } from '../tasks/issue-pat.js';
import { failureOf, mainStage, withoutNetwork } from '../tasks/world.js';

const as =
  (id: string): Answer =>
  () =>
    json(200, { authenticatedUser: { id }, authorizedUser: { id } });

describe('Verifying a new PAT', () => {
  withoutNetwork();

  const notYet: Record<string, Answer> = {
    'the anonymous user': as('aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa'),
    'the anonymous user in capitals': as('AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA'),
    nobody: as('00000000-0000-0000-0000-000000000000'),
    'no identity': () => json(200, {}),
    'an identity that is no GUID': as('me'),
    'a sign-in page': signInPage(),
    'a redirect': redirect,
    'an empty 401': emptyUnauthorized,
    'an empty answer': () => ({ status: 200, body: '' }),
    '403': errorMessage(403, 'not yet'),
    '429': throttled(1),
    '503': unavailable(),
    'a reset connection': lost,
  };
  for (const [name, answer] of Object.entries(notYet)) {
    it(`is not satisfied by ${name}, and asks again`, async () => {
      const world = mainStage();
      world.service.next('verify', answer, answer);
      await issuePat(world);
      assert.equal(world.service.count('verify'), 3);
      assert.equal(world.service.made.length, 1);
    });

    it(`that meets ${name} for half a minute revokes the PAT and fails`, async () => {
      const world = mainStage();
      world.service.always('verify', answer);
      const failure = await failureOf(() => issuePat(world), 'pat-not-accepted');
      assert.match(failure.message, /contoso/);
      assert.equal(world.service.alive.size, 0);
      assert.deepEqual(world.agent.secretVariables, {});
      const waited = world.clock.waits.reduce((sum, wait) => sum + wait, 0);
      assert.ok(waited > 15_000 && waited <= 30_000, `${waited} ms`);
    });
  }

  it('waits as long as Retry-After says', async () => {
    const world = mainStage();
    world.service.next('verify', throttled(9));
    await issuePat(world);
    assert.deepEqual(world.clock.waits, [9000]);
  });
});
