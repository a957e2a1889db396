import assert from 'node:assert/strict';
import { controllerUnknown, errorMessage, json, type Answer } from './answers.js';
import { PatService } from './pat-service.js';
import {
  ago,
  assertAlive,
  assertDead,
  nameOf,
  revokePats,
  revokeStep,
  whyKept,
  reap,
} from './revoke-pats.js';
import { JOB, NO_END, OTHER_JOB, OTHER_PROJECT, PROJECT, projectUnknown, RunService } from './run-service.js';
import { START, withoutNetwork } from './world.js';

const inputs = { what: 'orphans' };

describe('The reaper ends the PAT of a build', () => {
  withoutNetwork();

  for (const [what, runs] of [
    ['that ended long ago', s => s.build(4711, 'completed', { finishTime: ago(600) })],
    [
      'whose status is written in another case',
      s =>
        s
          .build(4711, 'completed', { finishTime: ago(600) })
          .says('build/builds/4711', { status: 'Completed' }),
    ],
    [
      'whose job ended long ago, though the run goes on',
      s => s.build(4711, 'inProgress', { jobs: [{ finishTime: ago(600) }] }),
    ],
    [
      'whose job was tried again long ago, though the second attempt runs',
      s =>
        s.build(4711, 'inProgress', {
          jobs: [
            {
              id: OTHER_JOB,
              state: 'inProgress',
              startTime: ago(600),
              previousAttempts: [{ recordId: JOB.toUpperCase() }],
            },
          ],
        }),
    ],
    ['that was deleted long after its end', s => s.deleted('build', 4711, { finishTime: ago(600) })],
    [
      'that was deleted and tells no end, when the PAT is old',
      s => s.deleted('build', 4711).says('build/builds', NO_END),
    ],
    [
      'that the service still shows, as deleted',
      s =>
        s.answers('build/builds/4711', () =>
          json(200, { id: 4711, status: 'inProgress', deleted: true, deletedDate: ago(600) }),
        ),
    ],
    [
      'that was deleted, in words that name its project too',
      s =>
        s
          .deleted('build', 4711)
          .answers(
            'build/builds/4711',
            errorMessage(404, 'Build 4711 of project sample could not be found.', 'BuildNotFoundException'),
          ),
    ],
    [
      'that was deleted, beside others on a list of several pages',
      s =>
        s
          .project(PROJECT)
          .answers('build/builds', paged([{ id: 1, deleted: true }], [{ id: 4711, deleted: true }])),
    ],
  ] as const satisfies readonly (readonly [string, (service: RunService) => unknown])[]) {
    it(what, async () => {
      const { world, pat } = await reap(runs);
      assertDead(world, pat);
    });
  }
});

describe('The reaper keeps the PAT of a build', () => {
  withoutNetwork();

  for (const [what, runs, why, more] of [
    [
      'that ended a moment ago',
      s => s.build(4711, 'completed', { finishTime: ago(9) }),
      /run ended, 9m ago: too young/,
    ],
    [
      'that ended before a longer minimum age',
      s => s.build(4711, 'completed', { finishTime: ago(90) }),
      /too young/,
      { minimumAge: '2h' },
    ],
    [
      'whose job runs',
      s => s.build(4711, 'inProgress', { jobs: [{ state: 'inProgress' }] }),
      /run in progress/,
    ],
    [
      'whose job waits',
      s => s.build(4711, 'inProgress', { jobs: [{ state: 'pending' }] }),
      /run in progress/,
    ],
    [
      'whose job ended a moment ago',
      s => s.build(4711, 'inProgress', { jobs: [{ finishTime: ago(3) }] }),
      /job ended, 3m ago: too young/,
    ],
    [
      'whose job is not on the timeline',
      s => s.build(4711, 'inProgress', { jobs: [{ id: OTHER_JOB, finishTime: ago(600) }] }),
      /run in progress/,
    ],
    [
      'whose job is tried a second time',
      s => s.build(4711, 'inProgress', { jobs: [{ finishTime: ago(600) }, { state: 'inProgress' }] }),
      /run in progress/,
    ],
    [
      'whose job is tried a second time under the same id',
      s =>
        s.build(4711, 'inProgress', {
          jobs: [{ state: 'inProgress', startTime: ago(600), previousAttempts: [{ recordId: JOB }] }],
        }),
      /run in progress/,
    ],
    [
      'whose job was tried again a moment ago',
      s =>
        s.build(4711, 'inProgress', {
          jobs: [
            {
              id: OTHER_JOB,
              state: 'inProgress',
              startTime: ago(3),
              previousAttempts: [{ recordId: JOB }],
            },
          ],
        }),
      /job ended, 3m ago: too young/,
    ],
    ['that waits in the queue', s => s.build(4711, 'notStarted'), /run in progress/],
    [
      'that is being cancelled',
      s => s.build(4711, 'cancelling', { jobs: [{ state: 'inProgress' }] }),
      /run in progress/,
    ],
    [
      'with a status nobody knows',
      s => s.build(4711, 'inProgress').says('build/builds/4711', { status: 'dreaming' }),
      /run in progress/,
    ],
    [
      'without a timeline',
      s =>
        s.build(4711, 'inProgress').answers('build/builds/4711/timeline', () => ({ status: 204, body: '' })),
      /run in progress/,
    ],
    [
      'that was deleted, when the PAT is young',
      s => s.deleted('build', 4711).says('build/builds', NO_END),
      /run deleted, PAT made 9m ago: too young/,
      { made: 9 },
    ],
    [
      'that was deleted a moment after its end',
      s => s.deleted('build', 4711, { finishTime: ago(3) }),
      /run deleted, 3m ago: too young/,
    ],
    [
      'that is not found and not among the deleted ones: it may be hidden',
      s => s.project(PROJECT),
      /run is not found: it is hidden/,
    ],
    [
      'that is not found, when another one was deleted',
      s => s.deleted('build', 4712),
      /run is not found: it is hidden/,
    ],
    [
      'that is not found, when a run of its number was deleted in another project',
      s =>
        s
          .project(PROJECT)
          .answers('build/builds', () =>
            json(200, { value: [{ id: 4711, deleted: true, project: { id: OTHER_PROJECT } }] }),
          ),
      /run is not found: it is hidden/,
    ],
    [
      'that is not found, when the list shows it running and says nothing of deleted',
      s =>
        s
          .project(PROJECT)
          .answers('build/builds', () => json(200, { value: [{ id: 4711, status: 'inProgress' }] })),
      /cannot be understood/,
    ],
    [
      'that is not found, when the list of deleted ones is refused',
      s => s.project(PROJECT).answers('build/builds', errorMessage(403, 'TF215106: no', 'AccessDenied')),
      /not found, and deleted ones cannot be listed: .*HTTP 403/,
    ],
    [
      'that is not found, when the list of deleted ones is none',
      s => s.project(PROJECT).answers('build/builds', () => json(200, { count: 0 })),
      /cannot be understood/,
    ],
    [
      'that is not found, when the host does not know the list',
      s => s.project(PROJECT).answers('build/builds', controllerUnknown),
      /not found, and deleted ones cannot be listed: .*HTTP 404/,
    ],
    [
      'of a project that is unknown here (TF200016)',
      s => s.answers('build/builds/4711', projectUnknown),
      /project is unknown here, or closed/,
    ],
    [
      'of a project that is unknown here (VS800075)',
      s =>
        s.answers(
          'build/builds/4711',
          errorMessage(
            404,
            'VS800075: The project with id x does not exist, or you do not have permission to access it.',
            'X',
          ),
        ),
      /project is unknown here/,
    ],
    [
      'of a project that is unknown here (VS800075 with 400)',
      s =>
        s.answers(
          'build/builds/4711',
          errorMessage(
            400,
            "VS800075: The project with id 'vstfs:///Classification/TeamProject/x' does not exist, or you do not have permission to access it.",
            'ProjectDoesNotExistException',
          ),
        ),
      /project is unknown here/,
    ],
    [
      'of a project that is unknown here, in other words',
      s => s.answers('build/builds/4711', errorMessage(404, 'The project does not exist.', '')),
      /project is unknown here/,
    ],
    [
      'of a project that this job may not see',
      s => s.project(OTHER_PROJECT),
      /project is unknown here/,
      { name: nameOf(4711, { projectId: 'eeeeeeee-3434-4565-8787-909090909090' }) },
    ],
  ] as const satisfies readonly (readonly [string, (service: RunService) => unknown, RegExp, object?])[]) {
    it(`${what}, and says why`, async () => {
      const { world, pat } = await reap(runs, more);
      assertAlive(world, pat);
      assert.match(whyKept(world, pat) ?? '', why);
    });
  }

  it('that is its own: the job of the reaper lives', async () => {
    const { world, pat } = await reap(s =>
      s.build(4711, 'inProgress', { jobs: [{ id: JOB, state: 'inProgress' }] }),
    );
    assertAlive(world, pat);
  });

  for (const minutes of [-5, 0, 5]) {
    it(`that ended 8 minutes ago, when the clock of the agent is ${minutes} minutes off`, async () => {
      const service = new PatService();
      const build = { id: 4711, status: 'completed', finishTime: ago(8) };
      new RunService().answers('build/builds/4711', () => ({
        ...json(200, build),
        headers: { date: new Date(START).toUTCString() },
      }));
      const pat = service.add(nameOf(4711), 'contoso', ago(900));
      const world = revokeStep(inputs, service);
      world.clock.pass(minutes * 60_000);
      await revokePats(world);
      assertAlive(world, pat);
      assert.match(whyKept(world, pat) ?? '', /too young/);
    });
  }

  for (const minutes of [-5, 5]) {
    it(`that lives, when the clock of the agent is ${minutes} minutes off`, async () => {
      const service = new PatService();
      new RunService()
        .build(1, 'inProgress', { jobs: [{ state: 'inProgress' }] })
        .build(2, 'notStarted')
        .release(3, [{ status: 'inProgress', jobs: [{ status: 'inProgress' }] }]);
      const alive = [nameOf(1), nameOf(2), nameOf(3, { host: 'release' })].map(name =>
        service.add(name, 'contoso', ago(1)),
      );
      const world = revokeStep({ ...inputs, minimumAge: '0m' }, service);
      world.clock.pass(minutes * 60_000);
      await revokePats(world);
      assertAlive(world, ...alive);
    });
  }
});

/** A list of two pages. */
function paged(first: readonly object[], second: readonly object[]): Answer {
  const headers = { 'x-ms-continuationtoken': 'next' };
  const answers = [json(200, { value: first }, headers), json(200, { value: second })];
  return usual => answers.shift() ?? usual();
}
