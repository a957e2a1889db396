import assert from 'node:assert/strict';
import { Failure } from '#advice/failure';
import { bearer } from '#azure-devops/identity';
import { organizationAt } from '#azure-devops/organization';
import { withTemporaryPat } from '#pat/temporary-pat';
import { UserPats } from '#pat/user-pats';
import { lost, patTokenError, unavailable } from '../tasks/answers.js';
import { failureOf, mainStage, type World, withoutNetwork } from '../tasks/world.js';

const MINUTE = 60_000;
const contoso = organizationAt('https://dev.azure.com/contoso') ?? assert.fail();

/** Lends PATs of the issuing user to `work`. */
function lend<T>(world: World, work: (pat: () => Promise<string>) => Promise<T>): Promise<T> {
  const effects = world.direct();
  const pats = new UserPats(bearer('issuing-user', world.service.signIn()), effects);
  const wish = { organization: contoso, scopes: ['vso.code', 'vso.build'], nextName: () => effects.nonce() };
  return withTemporaryPat(wish, pats, effects, work);
}

const waited = ({ clock }: World) => clock.waits.reduce((sum, wait) => sum + wait, 0);

describe('A PAT for a thing that Job PAT does itself', () => {
  withoutNetwork();

  it('lives five minutes, is masked and proved before it is lent, and is revoked when the work is done', async () => {
    const world = mainStage();
    const done = await lend(world, async pat => {
      const value = await pat();
      assert.deepEqual(world.service.operations, ['create', 'verify']);
      assert.ok(world.agent.masks.includes(value));
      assert.equal(world.service.alive.size, 1);
      return value;
    });
    const [made] = world.service.made;
    assert.equal(made?.value, done);
    assert.deepEqual([made.scope, made.validTo], ['vso.code vso.build', '2026-03-01T10:05:00.000Z']);
    assert.equal(world.service.alive.size, 0);
    assert.deepEqual(world.agent.lines('warning'), []);
    assert.equal(world.agent.taskVariables.size, 0, 'no later stage has to know');
  });

  it('is not issued where nobody asks for it', async () => {
    const world = mainStage();
    assert.equal(await lend(world, () => Promise.resolve('done')), 'done');
    assert.deepEqual(world.service.operations, []);
  });

  it('is the same one for all who ask while two minutes are left', async () => {
    const world = mainStage();
    await lend(world, async pat => {
      const [first, ...others] = await Promise.all([pat(), pat(), pat()]);
      world.clock.pass(3 * MINUTE);
      assert.deepEqual([...others, await pat()], [first, first, first]);
    });
    assert.equal(world.service.made.length, 1);
  });

  it('is another one for all who ask when less is left, and both are revoked', async () => {
    const world = mainStage();
    await lend(world, async pat => {
      const first = await pat();
      world.clock.pass(3 * MINUTE + 1);
      const [second, third] = await Promise.all([pat(), pat()]);
      assert.notEqual(second, first);
      assert.deepEqual([third, await pat()], [second, second]);
    });
    assert.equal(world.service.made.length, 2);
    assert.equal(world.service.alive.size, 0);
  });

  it('is revoked when the work fails, which fails as it did', async () => {
    const world = mainStage();
    const why = new Failure('store-not-known', 'No.', '');
    const work = async (pat: () => Promise<string>) => {
      await pat();
      throw why;
    };
    assert.equal(await failureOf(() => lend(world, work)), why);
    assert.equal(world.service.alive.size, 0);
  });

  it('is not lent when it cannot be proved, and is revoked', async () => {
    const world = mainStage();
    world.service.always('verify', unavailable());
    await failureOf(() => lend(world, pat => pat()), 'pat-not-accepted');
    assert.equal(world.service.alive.size, 0);
  });

  it('is not issued again for who asks after a refusal', async () => {
    const world = mainStage();
    world.service.always('create', patTokenError('invalidScope'));
    await failureOf(() =>
      lend(world, async pat => {
        await failureOf(pat);
        return pat();
      }),
    );
    assert.equal(world.service.count('create'), 1);
    assert.deepEqual(world.agent.lines('warning'), []);
  });

  for (const [how, topic, most] of [
    ['as it is told to stop', 'cancelled', 6_000],
    ['as it fails', 'store-not-known', 20_000],
  ] as const)
    it(`that cannot be revoked is a warning with its name, in time, when the work ends ${how}`, async () => {
      const world = mainStage();
      world.service.always('revoke', unavailable());
      const work = async (pat: () => Promise<string>) => {
        await pat();
        throw new Failure(topic, 'The end.', '');
      };
      await failureOf(() => lend(world, work), topic);
      assert.match(world.agent.lines('warning').join('\n'), /^PAT "00000001" .* stays alive in contoso/);
      assert.ok(waited(world) <= most && waited(world) > most / 3, `${waited(world)} ms`);
    });

  it('whose request was cut is looked for as long as it may arrive: nobody looks later', async () => {
    const world = mainStage();
    world.service.next('create', lost, patTokenError('invalidScope'));
    await failureOf(() => lend(world, pat => pat()));
    assert.match(world.agent.lines('warning').join('\n'), /A PAT named "00000001" may be alive in contoso/);
    assert.ok(world.service.count('list') > 4, `${world.service.count('list')} lists`);
  });

  it('whose request was cut is looked for twice when the step is told to stop', async () => {
    const world = mainStage();
    world.service.next('create', lost, patTokenError('invalidScope'));
    await failureOf(
      () =>
        lend(world, async pat => {
          await failureOf(pat);
          throw new Failure('cancelled', 'The step was cancelled.', '');
        }),
      'cancelled',
    );
    assert.deepEqual(world.agent.lines('warning'), []);
    assert.match(world.agent.lines('info').join('\n'), /There is no PAT named "00000001" in contoso/);
    assert.equal(world.service.count('list'), 3, 'after the cut, and twice at the end');
  });
});
