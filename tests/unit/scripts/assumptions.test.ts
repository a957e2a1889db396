import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fault, type Emulator } from '#emulator/index';
import { assumptions, notAsked } from '../../../cli/report/assumptions.js';
import { askEmulator, emulatorReport, likeReported } from '../../../scripts/assumptions/ask-emulator.js';
import { compareReports, type Difference } from '../../../scripts/assumptions/compare.js';
import { readReport, ReportFault } from '../../../scripts/assumptions/read-report.js';
import { withRealSockets } from '../tasks/loopback.js';

/** Where a report about an emulator that is otherwise differs from the emulator. */
async function differencesWhere(otherwise: (emulator: Emulator) => void): Promise<Difference[]> {
  const reported = await emulatorReport(otherwise);
  return compareReports(reported, await emulatorReport(likeReported(reported)));
}

const toldOf = (differences: readonly Difference[], id: string) =>
  differences.filter(difference => difference.id === id).map(({ text }) => text);

describe('A report, held against the emulator', () => {
  withRealSockets();

  it('differs nowhere where it was made of the emulator, and every question that is asked holds or is open', async () => {
    const reported = await emulatorReport(() => undefined);
    assert.deepEqual(compareReports(reported, await emulatorReport(likeReported(reported))), []);
    assert.deepEqual(
      reported.filter(({ verdict }) => verdict === 'otherwise'),
      [],
    );
    assert.deepEqual(reported.map(({ id }) => id).sort(), Object.keys(assumptions).sort());
  });

  it('tells that a refusal has another status and shape', async () => {
    const refused = fault.error({
      status: 400,
      typeKey: 'SessionTokenCreateException',
      message: 'InvalidScope',
    });
    const told = await differencesWhere(({ faults }) => {
      faults.add('pats.create', refused);
    });
    const texts = toldOf(told, 'refusal-status');
    assert.match(texts[0] ?? '', /^otherwise \(a scope that there is not: HTTP 400 .*; the emulator: holds/);
    assert.ok(texts.includes('answered with 400; the emulator: 200'), texts.join('\n'));
    assert.ok(texts.includes('body: has typeKey: text'), texts.join('\n'));
    assert.ok(texts.includes('body: has no patTokenError: text'), texts.join('\n'));
    assert.deepEqual([...new Set(told.map(({ id }) => id))], ['refusal-status']);
  });

  it('tells that revoking twice is answered in a form that says nothing', async () => {
    const told = await differencesWhere(({ faults }) => {
      let revocations = 0;
      faults.add('pats.revoke', fault.emptyNotFound(), { when: () => ++revocations === 2 });
    });
    assert.match(toldOf(told, 'revoked-twice').join('\n'), /HTTP 204, then HTTP 404/);
    assert.match(toldOf(told, 'revoked-twice').join('\n'), /answered with 404; the emulator: 204/);
  });

  it('tells that a list has members of other names and kinds', async () => {
    const list = { patTokens: [], continuationToken: null, count: 0 };
    const headers = { 'Content-Type': 'application/json' };
    const answer = fault.answer({ status: 200, headers, body: Buffer.from(JSON.stringify(list)) });
    const told = await differencesWhere(({ faults }) => {
      faults.add('pats.list', answer);
    });
    const texts = toldOf(told, 'global-pat');
    assert.deepEqual(texts.sort(), [
      'body: has continuationToken: null',
      'body: has count: number',
      'body: has no continuationToken: empty text',
    ]);
  });

  for (const [what, policies] of [
    ['packages alone may be made for', { creation: 'packagingOnly' }],
    ['nobody may make PATs', { creation: 'blocked' }],
    ['PATs are shortened', { maximumLifespanDays: 5 / 1440 }],
    ['PATs come alive and die late', { activationDelay: 1_200, revocationDelay: 1_200 }],
  ] as const) {
    it(`does not differ for an organization where ${what}`, async () => {
      const told = await differencesWhere(emulator => {
        emulator.policies.set(policies);
      });
      assert.deepEqual(told, []);
    });
  }

  it('leaves no PAT alive, and holds no name and no id', async () => {
    let seen: Emulator | undefined;
    const text = await askEmulator(emulator => {
      seen = emulator;
      emulator.pats.seed([{ organization: 'contoso', displayName: 'laptop of Ann', allOrganizations: true }]);
    });
    const pats = seen?.pats.list() ?? [];
    assert.deepEqual(
      pats.filter(({ state }) => state === 'active').map(({ displayName }) => displayName),
      ['laptop of Ann'],
    );
    const { user } = seen?.entra ?? {};
    const names = ['contoso', 'Ann', '127.0.0.1', user?.displayName, user?.id, user?.principalName];
    for (const said of [...names, ...pats.flatMap(pat => [pat.authorizationId, pat.value, pat.displayName])])
      assert.ok(said !== undefined && said !== '' && !text.includes(said), String(said));
    assert.match(text, /id: global-pat\n.*\n {4}verdict: holds/);
  });

  it('is refused where it is no report', () => {
    for (const text of ['', '[', 'format: 2', 'format: 1', 'format: 1\nquestions: []', '{"format": 1}'])
      assert.throws(() => readReport(text), ReportFault, text);
  });
});

describe('docs/assumptions.md', () => {
  it('has every assumption by its id, in the words of a report', async () => {
    const page = await readFile('docs/assumptions.md', 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+?) \|/gm)].map(([, id, assumed]) => [id, assumed]);
    assert.deepEqual(rows.sort(), Object.entries(assumptions).sort());
  });

  it('says which ones a report does not ask for', async () => {
    const page = await readFile('docs/assumptions.md', 'utf8');
    for (const id of Object.keys(notAsked)) assert.match(page, new RegExp(`^\\| \`${id}\` .*not asked`, 'm'));
  });
});
