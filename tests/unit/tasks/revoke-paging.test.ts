import assert from 'node:assert/strict';
import { json, unavailable, type Answer } from './answers.js';
import { PatService, type ServedPat } from './pat-service.js';
import { assertAlive, assertDead, nameOf, revokePats, revokeStep, rowsOf } from './revoke-pats.js';
import { failureOf, withoutNetwork } from './world.js';

function fill(service: PatService, count: number, runId = 4711): ServedPat[] {
  return Array.from({ length: count }, (_, index) =>
    service.add(nameOf(runId, { nonce: index.toString(16).padStart(8, '0') })),
  );
}

/** Something happens after a page was read and before the next one is asked for. */
function then(happens: () => void): Answer {
  return usual => {
    const reply = usual();
    happens();
    return reply;
  };
}

const tokensAsked = (service: PatService) =>
  service.requests
    .filter(({ operation }) => operation === 'list')
    .map(({ url }) => url.searchParams.get('continuationToken') ?? '');

describe('A list of PATs', () => {
  withoutNetwork();

  it('of one page is read once', async () => {
    const service = new PatService();
    const pats = fill(service, 100);
    const world = revokeStep({ what: 'run' }, service);
    await revokePats(world);
    assertDead(world, ...pats);
    assert.equal(service.count('list'), 1);
  });

  it('asks for active PATs, a hundred a page, and repeats the filter with each continuation token', async () => {
    const service = new PatService();
    fill(service, 250);
    await revokePats(revokeStep({ what: 'run' }, service));
    assert.deepEqual(tokensAsked(service), ['', '100', '200', '', '100', '200']);
    for (const { url } of service.requests.filter(({ operation }) => operation === 'list')) {
      assert.equal(url.searchParams.get('displayFilterOption'), 'active');
      assert.equal(url.searchParams.get('$top'), '100');
    }
  });

  it('finds on a second pass the PAT that slipped to a page already read', async () => {
    const service = new PatService();
    const foreign = Array.from({ length: 100 }, (_, index) => service.add(`my own ${index}`));
    const pats = fill(service, 100);
    const [first] = foreign;
    service.next(
      'list',
      then(() => service.alive.delete(first?.authorizationId ?? '')),
    );
    const world = revokeStep({ what: 'run' }, service);
    await revokePats(world);
    assertDead(world, ...pats);
    assertAlive(world, ...foreign.slice(1));
  });

  it('finds PATs that were made while it was read', async () => {
    const service = new PatService();
    const pats = fill(service, 150);
    const late: ServedPat[] = [];
    service.next(
      'list',
      then(() => late.push(service.add(nameOf(4711, { nonce: 'ffffffff' })))),
    );
    const world = revokeStep({ what: 'run' }, service);
    await revokePats(world);
    assertDead(world, ...pats, ...late);
  });

  it('ends, though with each page a PAT is made and another one revoked', async () => {
    const service = new PatService();
    const pats = fill(service, 350);
    let made = 0;
    service.always(
      'list',
      then(() => {
        service.add(nameOf(9000 + made, { nonce: 'eeeeeeee' }));
        service.alive.delete(pats[made * 30]?.authorizationId ?? '');
        made += 1;
      }),
    );
    const world = revokeStep({ what: 'run' }, service);
    await revokePats(world);
    assertDead(world, ...pats);
    assert.ok(service.count('list') <= 20, `${service.count('list')} pages were read`);
  });

  it('counts a PAT once that two pages show', async () => {
    const service = new PatService();
    const pats = fill(service, 150);
    service.next(
      'list',
      then(() => {
        const [pat] = pats;
        assert.ok(pat);
        const others = [...service.alive];
        service.alive.clear();
        service.add(nameOf(1, { nonce: 'ffffffff' }));
        for (const [id, pat] of others) service.alive.set(id, pat);
      }),
    );
    const world = revokeStep({ what: 'run' }, service);
    await revokePats(world);
    assert.equal(world.agent.outputs['revokedCount'], '150');
    assert.equal(service.count('revoke'), 150);
    assert.equal(rowsOf(world).length, 150);
  });

  it('is read twice also where the service makes smaller pages than asked for', async () => {
    const service = new PatService();
    const pats = fill(service, 9);
    const smallPages = (): Answer[] =>
      [0, 3, 6].map(start => () => {
        const patTokens = pats.slice(start, start + 3).map(pat => ({ ...pat, value: undefined }));
        return json(200, { continuationToken: start < 6 ? String(start + 3) : '', patTokens });
      });
    service.next('list', ...smallPages(), ...smallPages());
    const world = revokeStep({ what: 'run' }, service);
    await revokePats(world);
    assertDead(world, ...pats);
    assert.deepEqual(tokensAsked(service), ['', '3', '6', '', '3', '6']);
  });

  for (const [what, tokens] of [
    ['repeats', ['a', 'a', 'a', 'a']],
    ['comes back later', ['a', 'b', 'c', 'a', 'b']],
  ] as const) {
    it(`with a continuation token that ${what} ends with a failure, and nothing is revoked`, async () => {
      const service = new PatService();
      fill(service, 3);
      const pages = tokens.map(
        (continuationToken): Answer =>
          () =>
            json(200, { continuationToken, patTokens: [] }),
      );
      service.next('list', ...pages);
      const failure = await failureOf(
        () => revokePats(revokeStep({ what: 'run' }, service)),
        'pat-answer-not-usable',
      );
      assert.match(failure.message, /list of PATs in contoso does not end/);
      assert.equal(service.alive.size, 3);
      assert.ok(service.count('list') <= 5);
    });
  }

  it('waits for a page that is late, and gives one up that never comes within two minutes', async () => {
    const service = new PatService();
    const pats = fill(service, 150);
    service.next('list', usual => usual(), unavailable(503, 5));
    const world = revokeStep({ what: 'run' }, service);
    await revokePats(world);
    assertDead(world, ...pats);

    fill(service, 1);
    service.always('list', unavailable());
    const late = revokeStep({ what: 'run' }, service);
    await failureOf(() => revokePats(late), 'service-unavailable');
    assert.ok(late.clock.waits.reduce((sum, wait) => sum + wait, 0) < 120_000);
  });

  it('of one organization that cannot be read does not stop the others, and the step is not green', async () => {
    const service = new PatService();
    const [here, there] = [service.add(nameOf(4711)), service.add(nameOf(4711), 'fabrikam')];
    service.nextIn('contoso', 'list', () => ({ status: 401, body: '' }));
    const world = revokeStep({ what: 'run', organization: 'contoso, fabrikam' }, service);
    const outcome = await revokePats(world);
    assertDead(world, there);
    assertAlive(world, here);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.match(outcome.message, /The PATs of contoso could not be read.*\[revoke-failed\]/s);
  });
});
