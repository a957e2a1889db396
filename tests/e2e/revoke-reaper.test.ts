import assert from 'node:assert/strict';
import { type Emulator, fault } from '#emulator/index';
import { emulatorForEachTest, logOf } from './issuing-job.js';
import { alive, minutesAgo, nameOf, otherJobId, projectId, revoke, rowOf, seed } from './revoking-job.js';

const otherProject = 'cdcdcdcd-3434-4565-8787-909090909090';
const unseenProject = 'eeeeeeee-3434-4565-8787-909090909090';

/** What merely looks like the PAT of a run that has ended. */
const lookAlikes = [
  'my own',
  'Nightly job-pat:build/../x',
  `Nightly job-pat:build/@127.0.0.2/4711/12f1170f/0123abcd`,
  `Nightly job-pat:build/../../fabrikam/${projectId}/4711/12f1170f/0123abcd`,
  `${nameOf(1)} kept`,
  nameOf(1).replace('job-pat', 'jоb-pat'),
  nameOf(1).replace('build/', 'build⁄'),
  nameOf(1).replace('/1/', '/1/1/'),
  `${nameOf(1)} ${nameOf(2).slice('Nightly '.length)}`,
];

/** Runs in each state, each with a PAT. */
function prepare({ runs, projects, faults }: Emulator): { dead: string[]; kept: Map<string, RegExp> } {
  const long = minutesAgo(600);
  const completed = { projectId, status: 'completed', finishTime: long } as const;
  const oneJobEnded = [{ state: 'completed', finishTime: long }, { id: otherJobId }] as const;
  runs.addBuild({ ...completed, id: 1 });
  runs.remove(runs.addBuild({ ...completed, id: 3 }));
  const [ended] = runs.addBuild({ id: 2, projectId, jobs: oneJobEnded }).jobs;
  runs.addRelease({
    id: 4,
    projectId,
    modifiedOn: long,
    environments: [{ status: 'succeeded', jobs: [{ state: 'completed', finishTime: long }] }],
  });
  runs.addBuild({ ...completed, id: 5, finishTime: minutesAgo(5) });
  const [live] = runs.addRelease({ id: 6, projectId, environments: [{ jobs: [{}] }] }).environments;
  runs.addBuild({ id: 7, projectId, status: 'notStarted' });
  runs.hide(runs.addBuild({ id: 12, projectId }));
  runs.hide(runs.addRelease({ id: 13, projectId }));
  for (const id of [8, 9]) runs.addBuild({ ...completed, id });
  faults.add('build.get', fault.signIn(), { when: ({ parameters }) => parameters['id'] === '8' });
  faults.add('build.get', fault.unauthorized(), { when: ({ parameters }) => parameters['id'] === '9' });
  projects.add('contoso', { id: otherProject });
  runs.addBuild({ ...completed, id: 10, projectId: otherProject });

  const liveJob = live?.jobs[0]?.id ?? '';
  return {
    dead: [nameOf(1), nameOf(2, { job: ended?.id ?? '' }), nameOf(3), nameOf(4, { host: 'release' })],
    kept: new Map([
      [nameOf(2, { job: otherJobId }), /run in progress/],
      [nameOf(5), /run ended, 5m ago: too young/],
      [nameOf(6, { host: 'release', job: liveJob }), /release in progress/],
      [nameOf(7), /run in progress/],
      [nameOf(8), /HTTP 203/],
      [nameOf(9), /HTTP 401/],
      [nameOf(10, { project: otherProject }), /closed to this job's token/],
      [nameOf(11, { project: unseenProject }), /project is unknown here/],
      [nameOf(12), /its run is not found/],
      [nameOf(13, { host: 'release' }), /its run is not found/],
    ]),
  };
}

describe('The reaper', () => {
  const emulator = emulatorForEachTest();

  it('ends what should die and nothing else, and asks about each run once', async () => {
    const { dead, kept } = prepare(emulator());
    const theirs = nameOf(1, { label: 'Theirs' });
    seed(emulator(), [...dead, ...kept.keys(), ...lookAlikes]);
    seed(emulator(), [theirs], { owner: emulator().entra.addUser({ displayName: 'Somebody' }) });
    const token = emulator().jobs.issueToken({ organization: 'contoso', projects: [projectId] });

    const revoking = await revoke(emulator(), { what: 'orphans' }, { jobToken: token.value });

    assert.equal(revoking.job.result, 'Succeeded', revoking.job.log);
    assert.deepEqual(alive(emulator()), [...kept.keys(), ...lookAlikes, theirs].sort());
    for (const name of dead) assert.match(rowOf(revoking, name), /^revoked /);
    for (const [name, why] of kept) assert.match(rowOf(revoking, name), why);
    for (const name of lookAlikes) assert.equal(rowOf(revoking, name), '');
    assert.deepEqual(revoking.outputs, { revokedCount: '4', keptCount: '10', failedCount: '0' });
    const asked = emulator().requests.filter(({ operation }) => /^(build|release)\.get$/.test(operation));
    assert.equal(new Set(asked.map(({ path }) => path)).size, asked.length, 'Each run is asked about once.');
    assert.equal(asked.length, 13);
    const lists = emulator().requests.filter(({ operation }) => /^(build|release)\.list$/.test(operation));
    assert.equal(lists.length, 2, 'Builds that are not found are asked for at once, and so are releases.');
    assert.ok(emulator().maxInFlight <= 8);
  });

  it('with whatIf sends no DELETE, and shows the same table', async () => {
    const { dead, kept } = prepare(emulator());
    seed(emulator(), [...dead, ...kept.keys()]);
    const before = alive(emulator());
    const revoking = await revoke(emulator(), { what: 'orphans', whatIf: true });
    assert.deepEqual(alive(emulator()), before);
    assert.equal(emulator().requestsOf('pats.revoke').length, 0);
    for (const name of dead) assert.match(rowOf(revoking, name), /^would be revoked /);
    assert.match(logOf(revoking.step), /^What if: 5 would be revoked, 9 kept\. Nothing was changed\.$/m);
  });

  it('works in every organization named, and leaves the one whose runs its job may not read', async () => {
    emulator().runs.addBuild({ id: 1, projectId, status: 'completed', finishTime: minutesAgo(600) });
    const { runs } = emulator();
    runs.remove(runs.addBuild({ id: 2, projectId, status: 'completed', finishTime: minutesAgo(600) }));
    seed(emulator(), [nameOf(1), nameOf(2)]);
    seed(emulator(), [nameOf(1, { nonce: 'fab00001' })], { organization: 'fabrikam' });
    seed(emulator(), [nameOf(3, { project: unseenProject })], { organization: 'fabrikam' });
    const inputs = { what: 'orphans', organization: 'contoso, fabrikam' };
    const revoking = await revoke(emulator(), inputs);
    assert.deepEqual(alive(emulator()), [nameOf(3, { project: unseenProject })], revoking.job.log);
    assert.deepEqual(revoking.outputs, { revokedCount: '3', keptCount: '1', failedCount: '0' });
  });
});
