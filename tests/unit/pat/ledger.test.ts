import assert from 'node:assert/strict';
import type { Opened, Seal } from '#agent/seal';
import { organizationAt } from '#azure-devops/organization';
import type { Run } from '#azure-devops/run';
import { StepLedger, type LedgerEntry } from '#pat/ledger';
import { jobPatName } from '#pat/run-name';
import type { JsonObject } from '#text/json';
import { START } from '../tasks/world.js';

const contoso = organizationAt('https://dev.azure.com/contoso') ?? assert.fail();
const ID = '00000000-0000-4000-8000-00000000000a';
const run: Run = {
  host: 'build',
  projectId: 'abababab-1212-4343-8565-787878787878',
  runId: '4711',
  jobId: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
};

const entry = (displayName: string): LedgerEntry => ({
  organization: contoso,
  displayName,
  validTo: new Date('2026-03-01T11:00:00Z'),
  asked: START,
});

/** The task variable of a step, with a seal that says `opened` of whatever it is shown. */
function step(text?: string, opened?: (content: JsonObject) => Opened, hasKey = true) {
  const variable = { text, sets: 0 };
  const seal: Seal = {
    signedIn: () => undefined,
    hasKey: () => hasKey,
    put: content => Promise.resolve(`seal ${JSON.stringify(content)}`),
    open: text => {
      const content = JSON.parse(text.replace(/^seal /, '')) as JsonObject;
      return Promise.resolve(opened?.(content) ?? genuine(content));
    },
  };
  const agent = {
    taskVariable: (name: string) => (name === 'JobPat.Record' ? variable.text : undefined),
    setTaskVariable: (name: string, value: string) => {
      assert.equal(name, 'JobPat.Record');
      variable.text = value;
      variable.sets += 1;
      return Promise.resolve();
    },
  };
  return { variable, recover: () => StepLedger.recover(agent, seal, () => run) };
}

const genuine = (content: JsonObject): Opened => ({
  kind: 'genuine',
  content,
  isProven: true,
  signsInAlike: () => Promise.resolve(true),
  settings: undefined,
});

/** A record with these members of entries, as it lies in the variable. */
const lying = (...pats: readonly unknown[]) => `seal ${JSON.stringify({ pats })}`;
const plain = {
  organization: contoso.url,
  displayName: 'one',
  validTo: '2026-03-01T11:00:00.000Z',
  asked: START.toISOString(),
};

describe('The record of what a step made', () => {
  it('is what was kept, read by a later stage: an intent, then an id and another end, then nothing', async () => {
    const { variable, recover } = step();
    const { record } = await recover();
    const read = async () => (await recover()).record.pats;
    await record.intend(entry('one'));
    assert.deepEqual(await read(), [entry('one')]);
    assert.equal(variable.text, lying(plain));
    await record.intend(entry('two'));
    const validTo = new Date('2026-03-01T10:30:00Z');
    await record.confirm('one', ID, validTo);
    assert.deepEqual(await read(), [{ ...entry('one'), authorizationId: ID, validTo }, entry('two')]);
    await record.forget('one', 'two');
    assert.deepEqual([await read(), variable.text, variable.sets], [[], '[]', 4]);
  });

  it('forgets what is named, and nothing else', async () => {
    const { record } = await step().recover();
    for (const name of ['one', 'two', 'three']) await record.intend(entry(name));
    await record.forget('two');
    assert.deepEqual(
      record.pats.map(({ displayName }) => displayName),
      ['one', 'three'],
    );
  });

  it('stays as it stands where there is nothing to seal with yet, until it is empty or names another PAT', async () => {
    const before = lying(plain, { ...plain, displayName: 'two' });
    const { variable, recover } = step(before, undefined, false);
    const { record } = await recover();
    await record.forget('one');
    assert.deepEqual([variable.text, variable.sets], [before, 0]);
    await record.intend(entry('three'));
    assert.equal(variable.sets, 1);
    await record.forget('two', 'three');
    assert.deepEqual([variable.text, variable.sets], ['[]', 2]);
  });

  it('is kept one change after the other, and as things stand by then', async () => {
    const kept: string[] = [];
    let go: () => void = () => undefined;
    const first = new Promise<void>(resolve => (go = resolve));
    const record = new StepLedger({
      keep: async pats => {
        kept.push(pats.map(({ displayName }) => displayName).join());
        if (kept.length === 1) await first;
      },
    });
    const all = Promise.all([record.intend(entry('one')), record.intend(entry('two')), record.forget('one')]);
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(kept.length, 1);
    go();
    await all;
    assert.deepEqual(kept.slice(1), ['two', 'two']);
  });

  it('fails where it cannot be kept, and is kept by the next change', async () => {
    let attempts = 0;
    const record = new StepLedger({
      keep: () => (++attempts === 1 ? Promise.reject(new Error('full')) : Promise.resolve()),
    });
    await assert.rejects(record.intend(entry('one')), /full/);
    await record.intend(entry('two'));
    assert.equal(attempts, 2);
  });

  for (const nothing of [undefined, '', '[]'])
    it(`is empty, without a doubt, where "${String(nothing)}" stands there`, async () => {
      const recovered = await step(nothing, () => ({ kind: 'not sealed' })).recover();
      assert.deepEqual(
        [recovered.record.pats, recovered.unproven, recovered.doubt, recovered.sealed],
        [[], [], undefined, undefined],
      );
    });

  it('is believed with what stands under its seal', async () => {
    const { record, unproven, sealed, doubt, isByItsWord } = await step(lying(plain)).recover();
    assert.deepEqual(
      [record.pats.length, unproven, sealed?.kind, doubt, isByItsWord],
      [1, [], 'genuine', undefined, undefined],
    );
  });

  for (const kind of ['of another step', 'not to be checked'] as const)
    it(`that is "${kind}" is not believed, and its PATs are told`, async () => {
      const { record, unproven, doubt, sealed } = await step(lying(plain), content => ({
        kind,
        content,
      })).recover();
      assert.deepEqual([record.pats, unproven, doubt, sealed], [[], [entry('one')], kind, undefined]);
    });

  it('that is not sealed is not believed, and tells nothing', async () => {
    const { record, unproven, doubt } = await step(lying(plain), () => ({ kind: 'not sealed' })).recover();
    assert.deepEqual([record.pats, unproven, doubt], [[], [], 'not sealed']);
  });

  it('by its word is believed for names of this very run and job, and for no id', async () => {
    const mine = jobPatName('Nightly', run, '0123abcd');
    const names = [
      mine,
      jobPatName('Nightly', { ...run, runId: '4712' }, '0123abcd'),
      jobPatName('Nightly', { ...run, jobId: `33333333${run.jobId.slice(8)}` }, '0123abcd'),
      'Nightly',
      `${mine} and more`,
      `x${mine.replace(' job', 'job')}`,
    ];
    const entries = names.map(displayName => ({ ...plain, displayName, authorizationId: ID }));
    const by = (content: JsonObject): Opened => ({ kind: 'of this step by its word', content });
    const { record, unproven, isByItsWord, doubt } = await step(lying(...entries), by).recover();
    assert.deepEqual([record.pats, unproven, isByItsWord, doubt], [[entry(mine)], [], true, undefined]);
  });

  it('leaves out what it cannot read, each for itself', async () => {
    const broken = [
      7,
      null,
      { ...plain, organization: 'https://evil.example/contoso' },
      { ...plain, organization: undefined },
      { ...plain, displayName: 7 },
      { ...plain, validTo: 'soon' },
      { ...plain, asked: undefined },
    ];
    const { record } = await step(lying(...broken, plain)).recover();
    assert.deepEqual(record.pats, [entry('one')]);
    const odd = await step(
      lying({ ...plain, authorizationId: 'no guid' }, { ...plain, authorizationId: ID }),
    ).recover();
    assert.deepEqual(odd.record.pats, [entry('one'), { ...entry('one'), authorizationId: ID }]);
  });
});
