import assert from 'node:assert/strict';
import { jsonOf, objectOf, patApi, useEmulator, type Json } from './client.js';

describe('listing PATs in the emulator', () => {
  const emulator = useEmulator();

  interface Page {
    readonly names: readonly unknown[];
    readonly ids: readonly string[];
    readonly next: string;
  }

  async function page(query: Record<string, string>): Promise<Page> {
    const response = await patApi(emulator(), { query });
    assert.equal(response.status, 200);
    const { patTokens, continuationToken } = await jsonOf(response);
    assert.ok(Array.isArray(patTokens) && typeof continuationToken === 'string');
    const pats: Json[] = patTokens.map(objectOf);
    assert.ok(pats.every(pat => pat['token'] === null));
    return {
      names: pats.map(pat => pat['displayName']),
      ids: pats.map(pat => String(pat['authorizationId'])),
      next: continuationToken,
    };
  }

  async function all(
    query: Record<string, string>,
    between: (page: Page) => void = () => undefined,
  ): Promise<Page[]> {
    const pages = [await page(query)];
    for (let last = pages[0]; last && last.next !== ''; last = pages.at(-1)) {
      between(last);
      pages.push(await page({ ...query, continuationToken: last.next }));
    }
    return pages;
  }

  it('filters by state', async () => {
    const past = new Date(Date.now() - 1000);
    emulator().pats.seed([
      { displayName: 'alive' },
      { displayName: 'dead', revoked: true },
      { displayName: 'over', validTo: past },
      { displayName: 'elsewhere', organization: 'fabrikam' },
      { displayName: 'not mine', owner: emulator().entra.addUser() },
    ]);
    const names = async (displayFilterOption: string): Promise<unknown> =>
      (await page({ displayFilterOption, sortByOption: 'displayName' })).names;
    assert.deepEqual(await names('active'), ['alive']);
    assert.deepEqual(await names('revoked'), ['dead']);
    assert.deepEqual(await names('expired'), ['over']);
    assert.deepEqual(await names('all'), ['alive', 'dead', 'over']);
  });

  it('sorts by name, date and status, both ways', async () => {
    const at = (hours: number): Date => new Date(Date.now() + hours * 60 * 60 * 1000);
    emulator().pats.seed([
      { displayName: 'b', validTo: at(1) },
      { displayName: 'c', validTo: at(2), revoked: true },
      { displayName: 'a', validTo: at(3) },
    ]);
    const names = async (sortByOption: string, isSortAscending: string): Promise<unknown> =>
      (await page({ displayFilterOption: 'all', sortByOption, isSortAscending })).names;
    assert.deepEqual(await names('displayName', 'true'), ['a', 'b', 'c']);
    assert.deepEqual(await names('displayName', 'false'), ['c', 'b', 'a']);
    assert.deepEqual(await names('displayDate', 'true'), ['b', 'c', 'a']);
    assert.deepEqual(((await names('status', 'true')) as string[]).at(-1), 'c');
  });

  it('has 10,000 PATs of 3,000 runs in less than a second of work', () => {
    const started = process.cpuUsage();
    const builds = Array.from({ length: 3000 }, (_, index) =>
      emulator().runs.addBuild({ id: index + 1, jobs: [{}, {}, {}] }),
    );
    const projectId = builds[0]?.project.id ?? '';
    const seeds = Array.from({ length: 10_000 }, (_, index) => {
      const run = 1 + (index % builds.length);
      const job = index.toString(16).padStart(8, '0');
      return { displayName: `CI ${run} job-pat:build/${projectId}/${run}/${job}/${job}` };
    });
    assert.equal(emulator().pats.seed(seeds).length, 10_000);
    const { user } = process.cpuUsage(started);
    assert.ok(user < 1e6, `${Math.round(user / 1000)} ms`);
  });

  it('gives 10,000 PATs in 100 pages, each PAT once, with an empty token at the end', async () => {
    const seeded = emulator().pats.seed(10_000);
    const pages = await all({ displayFilterOption: 'active', $top: '100' });
    assert.equal(pages.length, 100);
    assert.equal(new Set(pages.flatMap(({ ids }) => ids)).size, seeded.length);
  }).timeout(20_000);

  it('skips nothing when PATs are revoked between pages', async () => {
    emulator().pats.seed(50);
    const pages = await all({ displayFilterOption: 'active', $top: '10' }, ({ ids }) => {
      for (const id of ids) emulator().pats.revoke(id);
    });
    assert.equal(pages.flatMap(({ ids }) => ids).length, 50);
  });

  for (const sortByOption of ['displayName', 'displayDate', 'status']) {
    it(`sorted by ${sortByOption}, skips nothing when the PAT that ended a page changes`, async () => {
      const seeded = emulator().pats.seed(30);
      let renamed = 0;
      const pages = await all({ displayFilterOption: 'all', sortByOption, $top: '10' }, ({ ids }) => {
        const last = ids.at(-1) ?? '';
        emulator().pats.change(last, { displayName: `a new name ${(renamed += 1)}` });
        emulator().pats.revoke(last);
      });
      const ids = pages.flatMap(page => page.ids);
      assert.deepEqual(new Set(ids), new Set(seeded.map(pat => pat.authorizationId)));
    });
  }

  it('stays valid when PATs are made and revoked while a page is on its way', async () => {
    const seeded = emulator().pats.seed(50);
    const kept = seeded.filter((_, index) => index % 3 > 0);
    const gone = seeded.filter((_, index) => index % 3 === 0);
    const stop = emulator().on('arrival', ({ operation }) => {
      if (operation !== 'pats.list') return;
      emulator().pats.seed(2);
      for (const pat of gone.splice(0, 4)) emulator().pats.revoke(pat.authorizationId);
    });
    const pages = await all({ displayFilterOption: 'active', $top: '10' });
    stop();
    const ids = pages.flatMap(page => page.ids);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(kept.every(pat => ids.includes(pat.authorizationId)));
  });

  it('has an empty token when the last page is full', async () => {
    emulator().pats.seed(10);
    assert.equal((await page({ $top: '10' })).next, '');
  });

  it('refuses a later page with other filters, another organization or an invented token', async () => {
    emulator().pats.seed(3);
    const { next } = await page({ displayFilterOption: 'active', $top: '2' });
    const status = async (query: Record<string, string>, organization = 'contoso'): Promise<number> =>
      (await patApi(emulator(), { query, organization })).status;
    assert.equal(await status({ displayFilterOption: 'all', continuationToken: next }), 400);
    assert.equal(await status({ displayFilterOption: 'active', continuationToken: next }, 'fabrikam'), 400);
    assert.equal(await status({ displayFilterOption: 'active', continuationToken: 'x' }), 400);
    assert.equal(await status({ displayFilterOption: 'active', continuationToken: next }), 200);
  });

  it('refuses values outside the contract', async () => {
    const wrong: readonly Record<string, string>[] = [
      { $top: '101' },
      { $top: '0' },
      { $top: 'many' },
      { displayFilterOption: 'Active' },
      { sortByOption: 'validTo' },
      { isSortAscending: 'yes' },
    ];
    for (const query of wrong)
      assert.equal((await patApi(emulator(), { query })).status, 400, JSON.stringify(query));
  });
});
