import assert from 'node:assert/strict';
import { list } from '../../../cli/commands/list.js';
import { revoke } from '../../../cli/commands/revoke.js';
import { showScopes } from '../../../cli/commands/scopes.js';
import { SIGNED_IN, StandIn, TENANT } from './stand-in.js';
import { failureOf, onceAt, refusedWith, who } from './commands-asked.js';

describe('list and revoke', () => {
  const signIn = { organization: 'contoso', entraToken: true };
  const typed = ['eyx'];
  const pats = () => [
    {
      displayName: 'laptop of Ann',
      scope: 'vso.code vso.build',
      authorizationId: '0a0a0a0a-2222-4333-8444-555555555555',
      validFrom: '2026-03-01T10:00:00',
      validTo: '2026-03-01T12:30:00Z',
    },
    {
      displayName: `Shop job-pat:build/${TENANT}/7/00112233/44556677`,
      scope: 'vso.code',
      authorizationId: '0b0b0b0b-2222-4333-8444-555555555555',
      validFrom: '2026-03-01T10:00:00Z',
      validTo: '2026-03-20T12:30:00Z',
    },
  ];

  for (const width of [60, 80, 100, 120]) {
    it(`show no line that is wider than ${width}, and every id whole`, async () => {
      const world = new StandIn({ typed, width });
      world.pats = pats();
      assert.equal(await list({ ...signIn, jobPat: false, json: false }, world.effects()), 0);
      assert.ok(
        world.output.split('\n').every(line => line.length <= width),
        world.output,
      );
      for (const pat of pats()) assert.ok(world.output.includes(pat.authorizationId));
      assert.match(world.told, /2 active PATs/);
    });
  }

  it('show those of Job PAT alone, for a program', async () => {
    const world = new StandIn({ typed });
    world.pats = pats();
    await list({ ...signIn, jobPat: true, json: true }, world.effects());
    const told = JSON.parse(world.output) as { madeByJobPat: boolean; run?: { runId: number } }[];
    assert.deepEqual(
      told.map(({ madeByJobPat, run }) => [madeByJobPat, run !== undefined]),
      [[true, true]],
    );
  });

  it('show the global ones alone, which an organization names by no account', async () => {
    const world = new StandIn({ typed });
    const [laptop, ofJob] = pats();
    world.pats = [
      { ...laptop, targetAccounts: null },
      { ...ofJob, targetAccounts: [TENANT] },
    ];
    await list({ ...signIn, jobPat: false, global: true, json: true }, world.effects());
    const told = JSON.parse(world.output) as { displayName: string; allOrganizations: boolean }[];
    assert.deepEqual(
      told.map(({ displayName, allOrganizations }) => [displayName, allOrganizations]),
      [[laptop?.displayName, true]],
    );
    const none = new StandIn({ typed });
    none.pats = [{ ...ofJob, targetAccounts: [TENANT] }];
    assert.equal(await list({ ...signIn, jobPat: false, global: true, json: false }, none.effects()), 0);
    assert.match(none.told, /contoso: no active global PAT\./);
  });

  it('say that there is none', async () => {
    const world = new StandIn({ typed });
    assert.equal(await list({ ...signIn, jobPat: true, json: false }, world.effects()), 0);
    assert.match(world.told, /no active PAT made by Job PAT/);
  });

  it('end by name after a yes, and nothing after anything else', async () => {
    for (const [answer, left] of [
      ['y', 1],
      ['', 2],
      ['yess', 2],
    ] as const) {
      const world = new StandIn({ typed: ['eyx', answer], interactive: true });
      world.pats = pats();
      const code = await revoke(['laptop of Ann'], { ...signIn, yes: false }, world.effects());
      assert.deepEqual([code, world.pats.length], [answer === 'y' ? 0 : 1, left]);
    }
  });

  it('name what is not there, and what stays alive', async () => {
    const instead = onceAt('DELETE', /pats/, refusedWith(403, 'VS403463: The conditional access policy'));
    const world = new StandIn({ typed, instead });
    world.pats = pats();
    const code = await revoke(
      ['laptop of Ann', 'nobody knows it'],
      { ...signIn, yes: true },
      world.effects(),
    );
    assert.equal(code, 1);
    assert.match(world.told, /no active PAT "nobody knows it" of yours/);
    assert.match(world.told, /"laptop of Ann" stays alive: .*address of this machine/);
  });

  it('ask nobody without a terminal, and want a token on one line', async () => {
    const world = new StandIn({ typed: ['two words'] });
    const unasked = await failureOf(revoke([''], { ...signIn, yes: false }, world.effects()));
    assert.match(unasked.message, /--yes[^]*<id or name\.\.\.>/);
    const broken = await failureOf(list({ ...signIn, jobPat: false, json: false }, world.effects()));
    assert.match(broken.message, /The Entra access token holds blanks/);
    const none = await failureOf(list({ ...signIn, jobPat: false, json: false }, new StandIn().effects()));
    assert.match(none.message, /No Entra access token was given/);
    assert.deepEqual(world.requests, []);
  });

  it('sign in with a refresh token, or by a code', async () => {
    for (const refreshToken of [true, false]) {
      const world = new StandIn({ typed: ['1.Atoken'] });
      await list({ ...who, refreshToken, jobPat: false, json: true }, world.effects());
      const asked = world.requests.find(({ url }) => url.includes('tokens/pats'));
      assert.equal(asked?.headers['authorization'], `Bearer ${SIGNED_IN}`);
      assert.equal(world.told.includes('ABCD-EFGH'), !refreshToken);
      assert.ok(world.secrets.includes(SIGNED_IN));
    }
  });
});

describe('scopes', () => {
  const show = (
    words: string[],
    options: { reduce?: string; purpose?: boolean; json?: boolean },
    world = new StandIn(),
  ) => ({
    code: showScopes(words, { json: false, ...options }, world.effects().agent),
    world,
  });

  it('shows those about all words, also for a program', () => {
    assert.match(show(['code', 'status'], {}).world.output, /vso\.code_status/);
    const told = JSON.parse(show(['Full', 'access'], { json: true }).world.output) as { scope: string }[];
    assert.ok(told.length > 0);
    assert.equal(show(['nonsense'], {}).code, 1);
    assert.equal(show(['nonsense'], { json: true }).code, 1);
  });

  it('shows what PATs are for, with the least scopes, a note and the source', () => {
    assert.match(
      show(['push'], { purpose: true }).world.output,
      /gitPush[^]*vso\.code_write[^]*branch policies/,
    );
    const { world } = show(['gitPush'], { purpose: true, json: true });
    const [purpose] = JSON.parse(world.output) as { scopes: string[]; source: string }[];
    assert.deepEqual(purpose?.scopes, ['vso.code_write']);
    assert.match(purpose.source, /^https:\/\/learn\.microsoft\.com\//);
    assert.equal(show(['nonsense'], { purpose: true }).code, 1);
  });

  it('shows what a list comes down to', () => {
    const { world } = show([], { reduce: 'vso.code_write, Code (Read)' });
    assert.equal(world.output, 'vso.code_write');
    assert.match(world.told, /vso\.code \(Code \(Read\)\) is left out: vso\.code_write includes it/);
    assert.match(show([], { reduce: 'vso.code', json: true }).world.output, /"leftOut": \[\]/);
    assert.throws(() => show([], { reduce: 'vso.nonsense' }), /--reduce: /);
    assert.throws(() => show([], { reduce: ' ' }), /names no scope/);
  });
});
