import assert from 'node:assert/strict';
import { fault, startEmulator, type Emulator } from '#emulator/index';
import { environmentOf, taskVariables } from './issuing-stage.js';
import { startStage, useBundle, type StageEnd } from './stage-process.js';

const CONNECTION = '6b4e1a52-0000-4000-8000-000000000001';

describe('The entry files of IssuePat', function () {
  this.timeout(120_000);
  const main = useBundle('tasks/IssuePat/IssuePatV1/main.ts');
  const post = useBundle('tasks/IssuePat/IssuePatV1/post.ts');
  let emulator: Emulator;

  beforeEach(async () => {
    emulator = await startEmulator();
  });
  afterEach(async () => {
    await emulator.close();
  });

  const stage = (bundle: string, more: Record<string, string> = {}, inputs: Record<string, string> = {}) =>
    startStage(bundle, { ...environmentOf(emulator, CONNECTION, inputs), ...more });
  const operations = () => emulator.requests.map(({ operation }) => operation);

  it('issue, hand over and revoke, with three requests and one', async () => {
    const issued = await stage(main()).ended;
    assert.deepEqual(operations(), ['entra.token', 'pats.create', 'connectionData'], issued.output);
    assert.equal(issued.exitCode, 0);
    assert.equal(emulator.pats.active().length, 1);
    assert.equal(resultOf(issued), 'Succeeded');

    emulator.forgetRequests();
    const revoked = await stage(post(), taskVariables(issued)).ended;
    assert.deepEqual(operations(), ['pats.revoke'], revoked.output);
    assert.equal(resultOf(revoked), 'Succeeded');
    assert.equal(emulator.pats.active().length, 0);
    assert.deepEqual([...issued.leftBehind, ...revoked.leftBehind], []);
  });

  it('tell the agent of intent, masks, record and variables in this order', async () => {
    const issued = await stage(main()).ended;
    const pat = emulator.pats.active()[0] ?? assert.fail(issued.output);
    const told = issued.commands.flatMap(({ name, properties, value }) => {
      const variable = properties['variable'] ?? '';
      if (name === 'task.setsecret') return value === variableOf(issued, 'JOB_PAT') ? 'mask' : [];
      if (variable === 'JobPat.Record') return value.includes(pat.authorizationId) ? 'record' : 'intent';
      return name === 'task.setvariable' ? variable : name === 'task.complete' ? 'complete' : [];
    });
    assert.deepEqual(told, [
      'intent',
      'mask',
      'record',
      'JOB_PAT',
      'authorizationId',
      'validTo',
      'patName',
      'gitUserName',
      'gitUserEmail',
      'complete',
    ]);
  });

  it('report bad inputs and failures as a result with their topic, never as an exit code or a stack', async () => {
    const refused = await stage(main(), {}, { scopes: 'vso.nope', validFor: '0' }).ended;
    assert.equal(resultOf(refused), 'Failed');
    assert.equal(refused.exitCode, 0);
    assert.match(refused.output, /\[input-not-valid\]/);
    assert.doesNotMatch(refused.output, /^\s+at /m);
    assert.deepEqual(operations(), []);
  });

  it('without any main stage revoke nothing, send nothing and succeed', async () => {
    const alone = await startStage(post(), {}).ended;
    assert.equal(resultOf(alone), 'Succeeded');
    assert.match(alone.output, /Nothing to revoke/);
    assert.deepEqual(operations(), []);
  });

  it('clean up when the main stage is told to stop', async () => {
    emulator.faults.add('pats.create', fault.hangAfter());
    const running = stage(main());
    await emulator.waitFor('pats.create', { phase: 'arrival' });
    running.process.kill('SIGINT');
    const stopped = await running.ended;
    assert.equal(resultOf(stopped), 'Failed');
    assert.equal(emulator.pats.active().length, 0, stopped.output);
  });

  it('revoke after the job though the post-job stage is told to stop', async () => {
    const issued = await stage(main()).ended;
    emulator.faults.add('pats.revoke', fault.slow(200));
    const running = stage(post(), taskVariables(issued));
    await emulator.waitFor('pats.revoke', { phase: 'arrival' });
    running.process.kill('SIGINT');
    const revoked = await running.ended;
    assert.equal(resultOf(revoked), 'Succeeded', revoked.output);
    assert.equal(emulator.pats.active().length, 0);
  });

  it('clean up after the job when the main stage was killed before the answer came', async () => {
    emulator.faults.add('pats.create', fault.hangAfter());
    const running = stage(main());
    await emulator.waitFor('pats.create', { phase: 'arrival' });
    running.process.kill('SIGKILL');
    const killed = await running.ended;
    const after = await stage(post(), taskVariables(killed)).ended;
    assert.equal(resultOf(after), 'Succeeded');
    assert.equal(emulator.pats.active().length, 0, after.output);
  });
});

function resultOf({ commands }: StageEnd): string | undefined {
  return commands.find(({ name }) => name === 'task.complete')?.properties['result'];
}

function variableOf({ commands }: StageEnd, variable: string): string | undefined {
  return commands.find(
    ({ name, properties }) => name === 'task.setvariable' && properties['variable'] === variable,
  )?.value;
}
