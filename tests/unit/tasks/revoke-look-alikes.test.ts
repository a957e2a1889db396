import fc from 'fast-check';
import assert from 'node:assert/strict';
import { jobPatName, madeByJobPat, readJobPatName } from '#pat/run-name';
import { LONGEST_NAME } from '#pat/pat-name';
import { PatService } from './pat-service.js';
import { ago, assertAlive, assertDead, nameOf, revokePats, revokeStep } from './revoke-pats.js';
import { PROJECT, RunService } from './run-service.js';
import { withoutNetwork } from './world.js';

const NAME = nameOf(4711);
const LABEL = 'Nightly';
const SUFFIX = NAME.slice(LABEL.length);

const lookAlikes = [
  ['a path that leads elsewhere', `Nightly job-pat:build/../x`],
  ['an escaped path', `Nightly job-pat:build/%2e%2e/${PROJECT}/4711/12f1170f/0123abcd`],
  ['another host', `Nightly job-pat:build/@evil.example/4711/12f1170f/0123abcd`],
  [
    'another host behind two slashes',
    `Nightly job-pat:build//evil.example/${PROJECT}/4711/12f1170f/0123abcd`,
  ],
  ['a project by name', 'Nightly job-pat:build/sample/4711/12f1170f/0123abcd'],
  ['a path in front of the project', NAME.replace(PROJECT, `../${PROJECT}`)],
  ['a query behind the run', NAME.replace('/4711/', '/4711?x=/')],
  ['a fragment behind the run', NAME.replace('/4711/', '/4711#/')],
  ['upper-case hex in the project', NAME.replace('abab', 'ABAB')],
  ['upper-case hex in the nonce', NAME.replace('0123abcd', '0123ABCD')],
  ['an upper-case mark', NAME.replace('job-pat:', 'JOB-PAT:')],
  ['a nonce of seven digits', NAME.slice(0, -1)],
  ['a nonce of nine digits', `${NAME}0`],
  ['a job of seven digits', NAME.replace('12f1170f', '12f1170')],
  ['a job of nine digits', NAME.replace('12f1170f', '12f1170f0')],
  ['a nonce that is no hex', NAME.replace('0123abcd', '0123abcg')],
  ['run 0', NAME.replace('4711', '0')],
  ['a run with zeros in front', NAME.replace('4711', '0004711')],
  ['a run of eleven digits', NAME.replace('4711', '12345678901')],
  ['a negative run', NAME.replace('4711', '-4711')],
  ['a run in other digits', NAME.replace('4711', '٤٧١١')],
  ['another host type', NAME.replace('build/', 'deployment/')],
  ['the suffix in the middle', `${NAME} and more`],
  ['the suffix at the start', `${SUFFIX.trim()} ${LABEL}`],
  ['the suffix alone', SUFFIX.trim()],
  ['the suffix behind a blank alone', SUFFIX],
  ['the suffix twice', `${NAME}${SUFFIX}`],
  ['the suffix behind one of a rotated PAT', `x job-pat:rotated/8ec0fd8f/0123abcd${SUFFIX}`],
  ['a second mark in capitals', `x JOB-PAT:${SUFFIX}`],
  ['no blank before the mark', NAME.replace(' job-pat', 'job-pat')],
  ['two blanks before the mark', NAME.replace(' job-pat', '  job-pat')],
  ['a tab before the mark', NAME.replace(' job-pat', '\tjob-pat')],
  ['a no-break space before the mark', NAME.replace(' job-pat', '\u00a0job-pat')],
  ['a blank in front', ` ${NAME}`],
  ['a blank behind', `${NAME} `],
  ['a line break behind', `${NAME}\n`],
  ['a carriage return behind', `${NAME}\r`],
  ['a line in front', `x\n${NAME}`],
  ['a Cyrillic o', NAME.replace('job', 'jоb')],
  ['a full-width slash', NAME.replace('build/', 'build／')],
  ['a division slash', NAME.replace('build/', 'build∕')],
  ['a full-width colon', NAME.replace('pat:', 'pat：')],
  ['a full-width digit', NAME.replace('4711', '471１')],
  ['a zero-width space', NAME.replace('job-pat', 'job-\u200bpat')],
  ['a soft hyphen', NAME.replace('job-pat', 'job\u00ad-pat')],
  ['another hyphen', NAME.replace('job-pat', 'job‐pat')],
  ['a turned direction of reading', NAME.replace('Nightly', '\u202eNightly')],
  ['an accent that joins', NAME.replace('Nightly', 'Nightly\u0301')],
  ['a label with other characters', NAME.replace('Nightly', 'Nightly (copy)')],
  ['a label with a logging command', NAME.replace('Nightly', '##vso[task.complete]')],
  ['129 characters', `${'x'.repeat(LONGEST_NAME + 1 - SUFFIX.length)}${SUFFIX}`],
  ['10,000 characters', `${'x'.repeat(10_000)}${SUFFIX}`],
] as const;

describe('A name that merely looks like one of a job PAT', () => {
  withoutNetwork();

  for (const [what, name] of lookAlikes) {
    it(`with ${what} tells no run`, () => {
      assert.equal(readJobPatName(name), undefined);
      assert.ok(!madeByJobPat(name));
    });
  }

  it('keeps its PAT, and nobody is asked about it', async () => {
    const service = new PatService();
    const runs = new RunService().build(4711, 'completed', { finishTime: ago(600) });
    const foreign = lookAlikes.map(([, name]) => service.add(name, 'contoso', ago(900)));
    const orphan = service.add(NAME, 'contoso', ago(900));
    const world = revokeStep({ what: 'orphans' }, service);
    assert.equal(await revokePats(world), undefined);
    assertAlive(world, ...foreign);
    assertDead(world, orphan);
    assert.deepEqual(runs.asked, [`/contoso/${PROJECT}/build/builds/4711`]);
  });

  it('keeps its PAT also when its run is revoked', async () => {
    const service = new PatService();
    const foreign = lookAlikes.map(([, name]) => service.add(name));
    const world = revokeStep({ what: 'run' }, service);
    await revokePats(world);
    assertAlive(world, ...foreign);
  });
});

describe('The name of a job PAT', () => {
  withoutNetwork();

  it('tells host, project, run and start of the job id', () => {
    const run = { projectId: PROJECT, runId: '4711', jobId: '12f1170f' };
    assert.deepEqual(readJobPatName(NAME), { host: 'build', ...run });
    assert.deepEqual(readJobPatName(nameOf(4711, { host: 'release' })), { host: 'release', ...run });
  });

  const hex = (length: number) =>
    fc.string({
      unit: fc.constantFrom(...Array.from('0123456789abcdef')),
      minLength: length,
      maxLength: length,
    });
  const guid = fc.uuid();
  const label = fc
    .string({ unit: fc.constantFrom(...Array.from('aZ09 ._:/-')), minLength: 1, maxLength: 60 })
    .filter(text => text.trim() === text && !text.includes('job-pat:'));
  const run = fc.record({
    host: fc.constantFrom('build' as const, 'release' as const),
    projectId: guid,
    runId: fc.integer({ min: 1, max: 2_147_483_647 }).map(String),
    jobId: guid,
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(label, run, hex(8), (label, run, nonce) => {
        assert.deepEqual(readJobPatName(jobPatName(label, run, nonce)), {
          ...run,
          jobId: run.jobId.slice(0, 8),
        });
      }),
    );
  });

  it('is the only text that tells a run: changed anywhere it is another name or none', () => {
    const change = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('', ' ', '/', '..', '%2f', 'A', '0'),
    );
    fc.assert(
      fc.property(
        label,
        run,
        hex(8),
        fc.nat(140),
        fc.nat(3),
        change,
        (label, run, nonce, at, length, change) => {
          const name = jobPatName(label, run, nonce);
          const changed = name.slice(0, at) + change + name.slice(at + length);
          const read = readJobPatName(changed);
          if (read === undefined) return;
          const mark = changed.indexOf(' job-pat:');
          const made = jobPatName(changed.slice(0, mark), read, changed.slice(-8));
          assert.equal(changed, made);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leads to the pinned host and to the path of the run, and nowhere else', async () => {
    const service = new PatService();
    const runs = new RunService();
    const names = fc
      .sample(fc.tuple(label, run, hex(8)), 30)
      .map(([label, run, nonce]) => jobPatName(label, run, nonce));
    for (const name of names) service.add(name, 'contoso', ago(900));
    await revokePats(revokeStep({ what: 'orphans' }, service));
    assert.equal(runs.requests.length, 30, 'no project is known, so no list is asked for');
    for (const { url } of runs.requests) {
      assert.match(
        url.href,
        /^https:\/\/(dev\.azure\.com\/contoso\/[0-9a-f-]{36}\/_apis\/build\/builds|vsrm\.dev\.azure\.com\/contoso\/[0-9a-f-]{36}\/_apis\/release\/releases)\/[1-9]\d{0,9}\?api-version=7\.1$/,
      );
    }
  });

  it('of a rotated PAT tells no run, and is of Job PAT all the same', () => {
    const name = 'Deploy key job-pat:rotated/8ec0fd8f/0123abcd';
    assert.equal(readJobPatName(name), undefined);
    assert.ok(madeByJobPat(name));
    assert.ok(!madeByJobPat(`${name} `));
  });
});
