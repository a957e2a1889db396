import assert from 'node:assert/strict';
import { json, unavailable, type Answer } from './answers.js';
import { afterJob } from './issue-pat.js';
import { recorded } from './recorded.js';
import { mainStage, START, withoutNetwork, type World } from './world.js';

const NAME = 'Nightly job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/0000abcd';

/** After a main stage that was killed between its intent and the answer. */
function stageWithIntent(...names: string[]): World {
  return mainStage({ taskVariables: recorded(...names.map(displayName => ({ displayName }))) });
}

describe('The post-job step with an intent only', () => {
  withoutNetwork();

  it('looks for the name twice, two seconds apart', async () => {
    const world = stageWithIntent(NAME);
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['redeem', 'list', 'list']);
    assert.deepEqual(world.clock.waits, [2000]);
  });

  it('asks for active PATs, a hundred at a time', async () => {
    const world = stageWithIntent(NAME);
    await afterJob(world);
    const { searchParams } = world.service.request('list').url;
    assert.equal(searchParams.get('displayFilterOption'), 'active');
    assert.equal(searchParams.get('$top'), '100');
    assert.equal(searchParams.get('api-version'), '7.1-preview.1');
    assert.equal(searchParams.has('continuationToken'), false);
  });

  it('revokes what it finds under that name, and nothing else', async () => {
    const world = stageWithIntent(NAME);
    world.service.add(NAME);
    const similar = ['Nightly', NAME.toUpperCase(), `${NAME}0`, NAME.slice(0, -1)].map(name =>
      world.service.add(name),
    );
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(
      [...world.service.alive.keys()],
      similar.map(pat => pat.authorizationId),
    );
  });

  it('finds it on a later page, and repeats the filter for each page', async () => {
    const world = stageWithIntent(NAME);
    for (let other = 0; other < 250; other++) world.service.add(`somebody's PAT ${other}`);
    world.service.add(NAME);
    assert.equal(await afterJob(world), undefined);
    assert.equal(world.service.alive.size, 250);
    const pages = world.service.requests.filter(({ operation }) => operation === 'list');
    assert.equal(pages.length, 6);
    assert.deepEqual(
      pages.slice(0, 3).map(({ url }) => url.searchParams.get('continuationToken')),
      [null, '100', '200'],
    );
    const without = pages.map(({ url }) => {
      url.searchParams.delete('continuationToken');
      return url.href;
    });
    assert.equal(new Set(without).size, 1);
  });

  it('finds a PAT whose request arrived between the two looks', async () => {
    const world = stageWithIntent(NAME);
    world.service.next('list', usual => {
      const reply = usual();
      world.service.add(NAME);
      return reply;
    });
    assert.equal(await afterJob(world), undefined);
    assert.deepEqual(world.service.operations, ['redeem', 'list', 'list', 'revoke']);
    assert.equal(world.service.alive.size, 0);
  });

  describe('whose request may still arrive', () => {
    /** Asked for so many seconds before this stage begins. */
    const young = (seconds: number) => {
      const asked = new Date(START.getTime() - seconds * 1000);
      return mainStage({ taskVariables: recorded({ displayName: NAME, asked }) });
    };

    it('looks on until the request is half a minute old, within its budget', async () => {
      const world = young(1);
      assert.equal(await afterJob(world), undefined);
      const waited = world.clock.waits.reduce((sum, wait) => sum + wait, 0);
      assert.equal(waited, 29_000);
      assert.ok(world.service.count('list') >= 6, String(world.service.count('list')));
    });

    it('finds and revokes a PAT that is made twenty seconds later', async () => {
      const world = young(0);
      const look: Answer = usual => {
        if (world.clock.now().getTime() >= START.getTime() + 20_000 && world.service.made.length === 0)
          world.service.add(NAME);
        return usual();
      };
      world.service.always('list', look);
      assert.equal(await afterJob(world), undefined);
      assert.equal(world.service.made.length, 1);
      assert.equal(world.service.alive.size, 0);
    });

    it('says which PAT could still come to be, and until when it would live', async () => {
      const world = young(0);
      await afterJob(world);
      const told = world.agent.lines().join('\n');
      assert.match(told, /no PAT named "Nightly job-pat:.* in contoso, 30 s after it was asked for/);
      assert.match(
        told,
        /Should that request still arrive, it makes a PAT that ends at 2026-03-01 11:00 UTC/,
      );
      assert.doesNotMatch(told, /before it was made/);
    });

    it('warns when the time for looking ends before the request is as old', async () => {
      const world = young(-60);
      const outcome = await afterJob(world);
      assert.equal(outcome?.result, 'SucceededWithIssues');
      assert.match(outcome.message, /may be alive in contoso until 2026-03-01 11:00 UTC.*may still arrive/);
      const waited = world.clock.waits.reduce((sum, wait) => sum + wait, 0);
      assert.ok(waited < 60_000, `${waited} ms`);
    });
  });

  it('looks for several names at once', async () => {
    const world = stageWithIntent(NAME, `${NAME.slice(0, -1)}e`);
    world.service.add(NAME);
    world.service.add(`${NAME.slice(0, -1)}e`);
    assert.equal(await afterJob(world), undefined);
    assert.equal(world.service.count('list'), 2);
    assert.equal(world.service.alive.size, 0);
  });

  it('when the list stays out of reach, warns with the name to look for', async () => {
    const world = stageWithIntent(NAME);
    world.service.always('list', unavailable());
    const outcome = await afterJob(world);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.ok(outcome.message.includes(NAME));
    assert.match(outcome.message, /may be alive in contoso until 2026-03-01 11:00 UTC/);
    assert.match(outcome.message, /_usersSettings\/tokens/);
    assert.ok(world.clock.waits.reduce((sum, wait) => sum + wait, 0) <= 60_000);
  });

  it('does not page for ever through a list that does not end', async () => {
    const world = stageWithIntent(NAME);
    world.service.always('list', () => json(200, { continuationToken: 'again', patTokens: [] }));
    const outcome = await afterJob(world);
    assert.match(outcome?.message ?? '', /does not end/);
    assert.ok(world.service.count('list') < 10);
  });

  it('takes a list without continuation token for complete', async () => {
    const world = stageWithIntent(NAME);
    world.service.always('list', () => json(200, { continuationToken: null, patTokens: [] }));
    assert.equal(await afterJob(world), undefined);
    assert.equal(world.service.count('list'), 2);
  });

  for (const [name, value] of Object.entries({
    'the usual envelope of other APIs': { count: 0, value: [] },
    'entries without an id': { continuationToken: '', patTokens: [{ displayName: NAME }] },
  })) {
    it(`does not take ${name} for an empty list`, async () => {
      const world = stageWithIntent(NAME);
      world.service.always('list', () => json(200, value));
      const outcome = await afterJob(world);
      assert.equal(outcome?.result, 'SucceededWithIssues');
    });
  }
});
