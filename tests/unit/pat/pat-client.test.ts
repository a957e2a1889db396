import assert from 'node:assert/strict';
import { Failure } from '#advice/failure';
import { retryFor } from '#agent/effects';
import { AzureDevOpsClient } from '#azure-devops/client';
import { basic, bearer } from '#azure-devops/identity';
import type { ListedPat, Listing } from '#azure-devops/listed-pat';
import { organizationAt } from '#azure-devops/organization';
import { listUntilStable, ownPats, patsOfUser, type PatClient } from '#pat/pat-client';
import { UserPats } from '#pat/user-pats';
import { AdministrationService } from '../tasks/administration-service.js';
import { emptyUnauthorized, errorMessage, type Answer } from '../tasks/answers.js';
import type { ServedPat } from '../tasks/pat-service.js';
import { failureOf, mainStage, withoutNetwork } from '../tasks/world.js';

const contoso = organizationAt('https://dev.azure.com/contoso') ?? assert.fail();
const UNKNOWN = '99999999-0000-4000-8000-000000000001';

/** The PATs of a user who has so many, and how they are looked for. */
function user(count: number) {
  const world = mainStage();
  const { service } = world;
  const effects = world.direct();
  const made = Array.from({ length: count }, (_, index) => service.add(`PAT ${index}`));
  const client = ownPats(new UserPats(bearer('issuing-user', service.signIn()), effects), contoso, effects);
  const ids = made.map(({ authorizationId }) => authorizationId);
  const find = (...more: string[]) => client.find([...ids, ...more], retryFor(effects, 600_000));
  /** Whether each request was for one PAT or for the list. */
  const asked = () =>
    service.requests.map(({ url }) => (url.searchParams.has('authorizationId') ? 'one' : 'list'));
  return { world, service, made, find, asked };
}

const namesOf = (pats: readonly (ListedPat | ServedPat)[]) => pats.map(({ displayName }) => displayName);

/** The step is told to stop while this is asked. */
const stopped = (world: ReturnType<typeof mainStage>): Answer => {
  return usual => {
    world.cancel();
    return usual();
  };
};

describe('PATs looked for by their ids', () => {
  withoutNetwork();

  it('are asked for one by one below twenty', async () => {
    const { made, find, asked } = user(19);
    const { pats, ...rest } = await find();
    assert.deepEqual([namesOf(pats), rest], [namesOf(made), { others: [], unread: [] }]);
    assert.deepEqual(new Set(asked()), new Set(['one']));
  });

  it('are read off the list from twenty on, and those that it does not show are asked for', async () => {
    const { made, find, asked } = user(19);
    const { pats } = await find(UNKNOWN);
    assert.deepEqual(namesOf(pats), [...namesOf(made), '']);
    assert.deepEqual(asked(), ['list', 'one', 'list'], 'the list once more: the id may have come to it');
  });

  it('are asked for one by one where the list cannot be read', async () => {
    const { world, service, made, find, asked } = user(20);
    service.next('list', emptyUnauthorized);
    const { pats, unread } = await find();
    assert.deepEqual([namesOf(pats), unread], [namesOf(made), []]);
    assert.equal(asked().length, 21);
    assert.match(world.agent.lines('debug').join('\n'), /HTTP 401/);
  });

  it('that neither are shown nor on the list are tried all the same, by id', async () => {
    const { find } = user(1);
    const { pats, others, unread } = await find(UNKNOWN);
    assert.deepEqual(namesOf(pats), ['PAT 0', '']);
    assert.equal(pats[1]?.authorizationId, UNKNOWN);
    assert.deepEqual([pats[1].scope, others, unread], ['', [], []]);
  });

  it('are found on the list where asking for one is refused, each once', async () => {
    const { world, service, made, find } = user(2);
    service.next('list', emptyUnauthorized, errorMessage(403, 'Not this one.'));
    const { pats } = await find();
    assert.equal(pats.length, 2);
    assert.deepEqual(namesOf(pats).sort(), namesOf(made));
    assert.match(world.agent.lines('debug').join('\n'), /HTTP 401/);
  });

  it('are unread where neither says anything, and the others are found', async () => {
    const { service, find } = user(1);
    service.next('list', usual => usual(), emptyUnauthorized, errorMessage(403, 'No list.'));
    const { pats, others, unread } = await find(UNKNOWN);
    assert.deepEqual(others, []);
    assert.deepEqual(namesOf(pats), ['PAT 0']);
    assert.deepEqual(
      unread.map(({ pat }) => pat.authorizationId),
      [UNKNOWN],
    );
    assert.match(unread[0]?.failure.message ?? '', /No list/);
  });

  for (const [where, count, before] of [
    ['the list of many', 20, 0],
    ['the list of those that were not shown', 0, 1],
  ] as const)
    it(`end with the step that is told to stop while ${where} is read`, async () => {
      const { world, service, find, asked } = user(count);
      service.next('list', ...Array.from({ length: before }, () => emptyUnauthorized), stopped(world));
      await failureOf(() => find(UNKNOWN), 'cancelled');
      assert.equal(asked().length, before + 1, 'nothing is asked any more');
    });
});

describe('The PATs of a user, as administrator', () => {
  withoutNetwork();

  /** A user with two PATs, and somebody else with one. */
  async function administered() {
    const service = new AdministrationService();
    const [user, other] = ['ada', 'bob'].map(name => service.addUser(`${name}@contoso.com`));
    assert.ok(user && other);
    const mine = ['one', 'two'].map(name => service.addToken(user, name));
    const theirs = service.addToken(other, 'theirs');
    const { effects } = mainStage();
    const policy = retryFor(effects, 600_000);
    const client = new AzureDevOpsClient(basic('administrator', 'a-pat'), contoso, effects);
    return { service, mine, theirs, policy, pats: await patsOfUser('ada@contoso.com', client, policy) };
  }

  it('are those that the list of this user shows; other ids are not for revoking here', async () => {
    const { mine, theirs, policy, pats } = await administered();
    const ids = [...mine, theirs].map(({ authorizationId }) => authorizationId);
    const found = await pats.find(ids, policy);
    assert.deepEqual(namesOf(found.pats), ['one', 'two']);
    assert.deepEqual(
      found.others.map(({ authorizationId, displayName }) => [authorizationId, displayName]),
      [[theirs.authorizationId, '']],
    );
    assert.deepEqual(found.unread, []);
    assert.equal(pats.organization, contoso);
  });

  it('are listed and revoked', async () => {
    const { service, mine, policy, pats } = await administered();
    assert.deepEqual(namesOf((await pats.readList(pat => pat.displayName !== 'one', policy)).pats), ['two']);
    const [one, two] = mine;
    assert.ok(one && two);
    assert.equal(await pats.revoke(one.authorizationId, policy), 'revoked');
    assert.deepEqual([service.isAlive(one), service.isAlive(two)], [false, true]);
  });
});

describe('A list that is read until it is stable', () => {
  withoutNetwork();

  /** Reads of a list, each a set of ids on so many pages. */
  function read(...lists: readonly (readonly [ids: string, pages: number])[]) {
    let reads = 0;
    const readList = (): Promise<Listing> => {
      const [ids, pages] = lists[reads] ?? assert.fail('it was read too often');
      reads += 1;
      const pats = Array.from(ids).map(id => ({
        authorizationId: id,
        displayName: `${id}${reads}`,
        scope: '',
        validFrom: undefined,
        validTo: undefined,
      }));
      return Promise.resolve({ pats, pages });
    };
    const none = () => Promise.reject(new Failure('pat-answer-not-usable', 'Not asked.', ''));
    const client: PatClient = { organization: contoso, readList, find: none, revoke: none };
    const { effects } = mainStage();
    return listUntilStable(client, () => true, retryFor(effects, 1)).then(namesOf);
  }

  it('is read once where it has one page', async () => {
    assert.deepEqual(await read(['ab', 1]), ['a1', 'b1']);
  });

  it('is read again until nothing is new, and what was seen last counts', async () => {
    assert.deepEqual(await read(['a', 2], ['ab', 2], ['b', 2]), ['a2', 'b3']);
  });

  it('is read twice where the first reading shows nothing', async () => {
    assert.deepEqual(await read(['', 2], ['', 2]), []);
    assert.deepEqual(await read(['', 2], ['a', 2], ['a', 2]), ['a3']);
  });

  it('is read four times at most', async () => {
    assert.equal((await read(['a', 2], ['b', 2], ['c', 2], ['d', 2])).length, 4);
  });
});
