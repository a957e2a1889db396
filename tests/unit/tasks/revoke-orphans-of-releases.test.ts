import assert from 'node:assert/strict';
import { errorMessage } from './answers.js';
import { PatService } from './pat-service.js';
import { ago, assertAlive, assertDead, nameOf, revokePats, revokeStep, reap } from './revoke-pats.js';
import { OTHER_JOB, PROJECT, RunService } from './run-service.js';
import { withoutNetwork } from './world.js';

const inputs = { what: 'orphans' };

describe('The reaper of releases', () => {
  withoutNetwork();

  const name = nameOf(77, { host: 'release' });
  const over = { status: 'succeeded', finishTime: ago(600) } as const;
  for (const [what, stages, more] of [
    ['whose stages are over', [{ status: 'succeeded', jobs: [over] }, { status: 'rejected' }], {}],
    [
      'whose job is over, though another stage runs',
      [{ status: 'succeeded', jobs: [over] }, { status: 'inProgress' }],
      {},
    ],
    ['whose job failed', [{ status: 'rejected', jobs: [{ ...over, status: 'failed' }] }], {}],
    ['whose job was cancelled', [{ status: 'canceled', jobs: [{ ...over, status: 'canceled' }] }], {}],
    [
      'that was abandoned and forgot its job',
      [{ status: 'notStarted' }],
      { status: 'abandoned', modifiedOn: ago(600) },
    ],
  ] as const) {
    it(`ends the PAT of one ${what}`, async () => {
      const { world, pat } = await reap(s => s.release(77, stages, more), { name });
      assertDead(world, pat);
    });
  }

  for (const [what, stages, more] of [
    ['whose job runs', [{ status: 'inProgress', jobs: [{ status: 'inProgress' }] }], {}],
    ['whose job waits', [{ status: 'inProgress', jobs: [{ status: 'pending' }] }], {}],
    ['whose job is deployed again', [{ status: 'inProgress', jobs: [over, { status: 'inProgress' }] }], {}],
    ['whose job ended a moment ago', [{ status: 'succeeded', jobs: [{ ...over, finishTime: ago(3) }] }], {}],
    [
      'that has another job only, whose stage runs',
      [{ status: 'inProgress', jobs: [{ ...over, id: OTHER_JOB }] }],
      {},
    ],
    [
      'that has another job only, which ended a moment ago',
      [{ status: 'succeeded', jobs: [{ status: 'succeeded', id: OTHER_JOB, finishTime: ago(3) }] }],
      { modifiedOn: ago(600) },
    ],
    ['whose stage waits for an approval', [{ status: 'queued' }], { modifiedOn: ago(600) }],
    ['whose stage is planned', [{ status: 'scheduled' }], { modifiedOn: ago(600) }],
    ['whose stage has a status nobody knows', [{ status: 'undefined' }], { modifiedOn: ago(600) }],
    ['that tells no stages', [], { modifiedOn: ago(600) }],
  ] as const) {
    it(`keeps the PAT of one ${what}`, async () => {
      const { world, pat } = await reap(s => s.release(77, stages, more), { name });
      assertAlive(world, pat);
    });
  }

  it('keeps the PAT of one whose job has a status nobody knows', async () => {
    const { world, pat } = await reap(
      s =>
        s.release(77, [{ status: 'succeeded', jobs: [over] }]).answers('release/releases/77', usual => {
          const reply = usual();
          return { ...reply, body: reply.body.replaceAll('"status":"succeeded"', '"status":"resting"') };
        }),
      { name },
    );
    assertAlive(world, pat);
  });

  it('ends the PAT of one that was deleted, when the PAT is old', async () => {
    const { world, pat } = await reap(s => s.deleted('release', 77), { name });
    assertDead(world, pat);
  });

  for (const [what, runs] of [
    ['that is not found, nor among the deleted ones', s => s.project(PROJECT)],
    ['that is not found, when a build of its number was deleted', s => s.deleted('build', 77)],
    [
      'that is not found, in the words for a build',
      s => s.project(PROJECT).answers('release/releases', errorMessage(404, 'no', 'BuildNotFoundException')),
    ],
    [
      'whose host does not know the path',
      s =>
        s.deleted('release', 77).answers('release/releases/77', () => ({
          status: 404,
          body: "The controller for path '/x' was not found or does not implement IController.",
          headers: { 'content-type': 'text/plain' },
        })),
    ],
  ] as const satisfies readonly (readonly [string, (service: RunService) => unknown])[]) {
    it(`keeps the PAT of one ${what}`, async () => {
      const { world, pat } = await reap(runs, { name });
      assertAlive(world, pat);
      assert.equal(world.agent.lines('warning').length, 1, 'and says so');
    });
  }

  it('asks vsrm.dev.azure.com', async () => {
    const service = new PatService();
    const runs = new RunService().release(77, [{ status: 'succeeded', jobs: [over] }]);
    service.add(name, 'contoso', ago(900));
    await revokePats(revokeStep(inputs, service));
    assert.deepEqual(
      runs.requests.map(({ url }) => url.href),
      [`https://vsrm.dev.azure.com/contoso/${PROJECT}/_apis/release/releases/77?api-version=7.1`],
    );
  });

  it('does not take a build for a release of the same number', async () => {
    const service = new PatService();
    new RunService()
      .build(77, 'completed', { finishTime: ago(600) })
      .release(77, [{ status: 'inProgress', jobs: [{ status: 'inProgress' }] }]);
    const [ofBuild, ofRelease] = [nameOf(77), name].map(name => service.add(name, 'contoso', ago(900)));
    assert.ok(ofBuild && ofRelease);
    const world = revokeStep(inputs, service);
    await revokePats(world);
    assertDead(world, ofBuild);
    assertAlive(world, ofRelease);
  });
});
