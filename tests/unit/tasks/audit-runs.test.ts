import assert from 'node:assert/strict';
import nock from 'nock';
import { auditPats } from '../../../tasks/AuditPats/AuditPatsV1/run.js';
import { errorMessage, json } from './answers.js';
import { PatService } from './pat-service.js';
import { ago, JOB_TOKEN, nameOf } from './revoke-pats.js';
import { JOB, OTHER_JOB, OTHER_PROJECT, RunService } from './run-service.js';
import { withoutNetwork } from './world.js';
import { audits, missingOf, rulesOf } from './audit-step.js';

describe('An audit that asks about runs', () => {
  withoutNetwork();
  const { step } = audits();

  it('asks with the token of the job whether the runs of job PATs have ended', async () => {
    const service = new PatService();
    const runs = new RunService().build(4711, 'completed', { finishTime: ago(60) }).build(4712, 'inProgress');
    for (const run of [4711, 4712]) service.add(nameOf(run), 'contoso', ago(90));
    const world = step({}, service);
    const outcome = await auditPats(world.effects);
    assert.equal(outcome?.result, 'Failed');
    assert.deepEqual(rulesOf(world, nameOf(4711)), ['job-pat-run-ended']);
    assert.deepEqual(rulesOf(world, nameOf(4712)), []);
    assert.ok(runs.requests.every(({ authorization }) => authorization === `Bearer ${JOB_TOKEN}`));
  });

  const doubts: readonly (readonly [
    what: string,
    runs: (runs: RunService) => unknown,
    name: string,
    rule: string,
  ])[] = [
    [
      'a run that has no such job',
      runs => runs.build(4711, 'inProgress', { jobs: [{ id: OTHER_JOB, state: 'inProgress' }] }),
      nameOf(4711),
      'job-pat-run-unknown',
    ],
    [
      'a project that nobody sees',
      () => undefined,
      nameOf(1, { projectId: OTHER_PROJECT, jobId: '00000000', nonce: '00000000', label: 'x' }),
      'job-pat-project-unknown',
    ],
    [
      'a release that has no such job',
      runs => runs.release(7, [{ status: 'inProgress', jobs: [{ id: OTHER_JOB, status: 'inProgress' }] }]),
      nameOf(7, { host: 'release' }),
      'job-pat-run-unknown',
    ],
  ];
  for (const [what, prepare, name, rule] of doubts)
    it(`does not believe a name that claims ${what}`, async () => {
      const service = new PatService();
      prepare(new RunService());
      service.add(name, 'contoso', ago(90));
      const world = step({}, service);
      await auditPats(world.effects);
      assert.ok(rulesOf(world, name).includes(rule), rulesOf(world, name).join());
    });

  const issuing = {
    id: 'aaaaaaaa-0000-4000-8000-000000000001',
    type: 'Task',
    parentId: JOB,
    state: 'completed',
  };
  const detailsId = 'aaaaaaaa-0000-4000-8000-000000000002';
  const issued = (displayName: string) => ({
    type: 'JobPat.issued',
    name: `contoso 8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f201 2026-03-02T00:00:00Z ${displayName}`,
  });
  for (const [what, task, told, rules] of [
    ['issued it', '5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4', nameOf(4711), []],
    [
      'issued another',
      '5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4',
      nameOf(4711, { nonce: 'ffffffff' }),
      ['job-pat-run-unknown'],
    ],
    ['are no IssuePat', 'd9bafed4-0b18-4f58-968d-86655b4d2ce9', nameOf(4711), ['job-pat-run-unknown']],
  ] as const)
    it(`asks the steps of the job whether they issued it: they ${what}`, async () => {
      const service = new PatService();
      const records = [
        { id: JOB, type: 'Job', state: 'inProgress' },
        { ...issuing, task: { id: task }, details: { id: detailsId } },
      ];
      new RunService()
        .build(4711, 'inProgress')
        .answers('build/builds/4711/timeline', () => json(200, { records }))
        .answers(`build/builds/4711/timeline/${detailsId}`, () => json(200, { records: [issued(told)] }));
      service.add(nameOf(4711), 'contoso', ago(90));
      const world = step({}, service);
      await auditPats(world.effects);
      assert.deepEqual(
        rulesOf(world, nameOf(4711)).filter(rule => rule !== 'expires-soon'),
        rules,
      );
    });

  it('is not complete when nobody can tell what became of a run', async () => {
    for (const [token, said] of [
      [JOB_TOKEN, /^what became of the runs of 2 job PATs could not be read: /],
      ['', /the agent gave no token of the job$/],
    ] as const) {
      const service = new PatService();
      new RunService().answers('build/builds/4711', errorMessage(403, 'No.', 'AccessDeniedException'));
      for (const nonce of ['00000001', '00000002']) service.add(nameOf(4711, { nonce }), 'contoso', ago(90));
      const world = step({}, service, { 'System.AccessToken': token });
      const { missing, result } = await missingOf(world);
      assert.deepEqual([missing.length, result], [1, 'Failed']);
      assert.match(missing[0] ?? '', said);
      nock.cleanAll();
    }
  });
});
