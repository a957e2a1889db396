import assert from 'node:assert/strict';
import { emptyUnauthorized, json, unavailable, type Answer } from './answers.js';
import { PatService } from './pat-service.js';
import {
  ago,
  assertAlive,
  assertDead,
  JOB_TOKEN,
  nameOf,
  revokePats,
  revokeStep,
  rowsOf,
  whyKept,
} from './revoke-pats.js';
import { NO_END, JOB, OTHER_JOB, PROJECT, projectUnknown, runUnknown, RunService } from './run-service.js';
import { failureOf, withoutNetwork } from './world.js';

const inputs = { what: 'orphans' };

describe('The reaper', () => {
  withoutNetwork();

  it('asks about a run once, however many jobs and PATs it has, with the token of the job', async () => {
    const service = new PatService();
    const jobs = [
      { id: JOB, finishTime: ago(600) },
      { id: OTHER_JOB, state: 'inProgress' as const },
    ];
    const runs = new RunService()
      .build(4711, 'inProgress', { jobs })
      .build(4712, 'completed', { finishTime: ago(600) });
    const nonces = Array.from({ length: 30 }, (_, index) => index.toString(16).padStart(8, '0'));
    const add = (run: number, more: object) =>
      nonces.map(nonce => service.add(nameOf(run, { nonce, ...more }), 'contoso', ago(900)));
    const [dead, alive, ended] = [add(4711, {}), add(4711, { jobId: OTHER_JOB }), add(4712, {})];
    const world = revokeStep(inputs, service);
    await revokePats(world);
    assertDead(world, ...dead, ...ended);
    assertAlive(world, ...alive);
    const builds = `/contoso/${PROJECT}/build/builds`;
    assert.deepEqual(runs.asked.sort(), [`${builds}/4711`, `${builds}/4711/timeline`, `${builds}/4712`]);
    assert.ok(runs.requests.every(({ authorization }) => authorization === `Bearer ${JOB_TOKEN}`));
  });

  it('counts from the end of a run that tells it, and only of a deleted one from the making of its PAT', async () => {
    const service = new PatService();
    new RunService()
      .build(1, 'completed', { finishTime: ago(600) })
      .deleted('build', 2)
      .says('build/builds', NO_END);
    const [ended, young] = [service.add(nameOf(1)), service.add(nameOf(1), 'contoso', ago(1))];
    const deleted = service.add(nameOf(2));
    const world = revokeStep(inputs, service);
    await revokePats(world);
    assertDead(world, ended, young);
    assertAlive(world, deleted);
    assert.match(whyKept(world, deleted) ?? '', /nobody knows when/);
  });

  it('goes on after a run that nobody can read', async () => {
    const service = new PatService();
    new RunService()
      .build(1, 'completed', { finishTime: ago(600) })
      .answers('build/builds/2', emptyUnauthorized);
    const [orphan, unknown] = [service.add(nameOf(1)), service.add(nameOf(2))];
    const world = revokeStep(inputs, service);
    assert.equal(await revokePats(world), undefined);
    assertDead(world, orphan);
    assertAlive(world, unknown);
    assert.deepEqual(
      rowsOf(world).map(({ done }) => done),
      ['revoked', 'kept'],
    );
    const [warning, ...more] = world.agent.lines('warning');
    assert.match(
      warning ?? '',
      /Nobody can tell whether .* so they stay: 1 x .*\(HTTP 401\)\. The token of the job ends/,
    );
    assert.deepEqual(more, []);
  });

  it('tells what was refused to the job once, with what to do, however many requests met it', async () => {
    const service = new PatService();
    const runs = new RunService();
    for (let run = 1; run <= 3; run++) {
      const activity = `0f1e2d3c-0000-4000-8000-00000000000${run}`;
      runs.answers(`build/builds/${run}`, () => ({
        ...json(403, { message: 'VS999999: No.', typeKey: 'X' }),
        headers: { 'content-type': 'application/json', activityid: activity },
      }));
      service.add(nameOf(run));
    }
    const world = revokeStep(inputs, service);
    await revokePats(world);
    const [warning = ''] = world.agent.lines('warning');
    assert.match(
      warning,
      /: 3 x .*VS999999: No\. Activity id 0f1e2d3c-[-0-9]+\. Give the build service, .*the permission/,
    );
    assert.doesNotMatch(warning, /issuing user|refresh token/);
  });

  it('that is told to stop while it asks about runs ends nothing, and does not look like success', async () => {
    const service = new PatService();
    const runs = new RunService();
    for (let run = 1; run <= 20; run++) {
      runs.build(run, 'completed', { finishTime: ago(600) });
      service.add(nameOf(run));
    }
    const world = revokeStep(inputs, service);
    runs.answers('build/builds/12', usual => {
      world.cancel();
      return usual();
    });
    await failureOf(() => revokePats(world), 'cancelled');
    assert.equal(service.alive.size, 20);
    assert.ok(runs.requests.length < 20);
  });

  it('gives runs up in bounded time when the Build API is down', async function () {
    this.timeout(90_000);
    const service = new PatService();
    const runs = new RunService();
    for (let run = 1; run <= 200; run++) {
      service.add(nameOf(run), 'contoso', ago(900));
      runs.answers(`build/builds/${run}`, unavailable());
    }
    const world = revokeStep(inputs, service);
    await revokePats(world);
    assert.equal(service.alive.size, 200);
    assert.ok(world.clock.now().getTime() - Date.parse(ago(0)) < 90 * 60_000);
  });

  it('asks for many runs that are not found at once, and counts and names those that stay', async () => {
    const service = new PatService();
    const runs = new RunService();
    for (let run = 1; run <= 120; run++) {
      service.add(nameOf(run), 'contoso', ago(900));
      service.add(nameOf(run, { host: 'release' }), 'contoso', ago(900));
      if (run % 2 === 0) runs.deleted('build', run).deleted('release', run);
    }
    const world = revokeStep(inputs, service);
    assert.equal(await revokePats(world), undefined);
    assert.equal(service.alive.size, 120);
    const lists = runs.requests.filter(({ url }) => /(builds|releases)$/.test(url.pathname));
    const asked = (name: string) => lists.flatMap(({ url }) => url.searchParams.get(name)?.split(',') ?? []);
    const all = Array.from({ length: 120 }, (_, index) => String(index + 1)).sort();
    assert.deepEqual(asked('buildIds').sort(), all);
    assert.deepEqual(asked('releaseIdFilter').sort(), all);
    assert.equal(lists.length, 6);
    assert.ok(lists.every(({ url }) => url.search.length < 600 && url.href.includes('api-version=7.1')));
    assert.match(world.agent.lines('warning').join('\n'), /so they stay: 120 x its run is not found/);
    assert.equal(world.agent.outputs['keptCount'], '120');
  });

  const HOUR = 60;
  for (const [what, minutes] of [
    ['hours old', 3 * HOUR],
    ['years old', 3 * 365 * 24 * HOUR],
  ] as const) {
    it(`spares no orphan because the Date of every answer is ${what}, and is not green`, async () => {
      const service = new PatService();
      const date = new Date(ago(minutes)).toUTCString();
      new RunService().answers('build/builds/4711', () =>
        json(200, { id: 4711, status: 'completed', finishTime: ago(60) }, { date }),
      );
      const orphan = service.add(nameOf(4711), 'contoso', ago(900));
      const world = revokeStep(inputs, service);
      const outcome = await revokePats(world);
      assertDead(world, orphan);
      assert.equal(outcome?.result, 'SucceededWithIssues');
      assert.match(outcome.message, /clock of contoso is .* behind that of this agent.*\[clock-differs\]/);
    });
  }

  it('whose own clock is days behind keeps what nobody can date, and is not green', async () => {
    const service = new PatService();
    const date = new Date(ago(-3 * 24 * HOUR)).toUTCString();
    new RunService().answers('build/builds/4711', () =>
      json(200, { id: 4711, status: 'completed', finishTime: ago(-2 * 24 * HOUR) }, { date }),
    );
    const pat = service.add(nameOf(4711), 'contoso', ago(-2 * 24 * HOUR));
    const world = revokeStep(inputs, service);
    const outcome = await revokePats(world);
    assertAlive(world, pat);
    assert.match(outcome?.message ?? '', /clock of contoso is 3d ahead of that of this agent/);
  });

  const gone: Answer = runUnknown;
  const running = { jobs: [{ state: 'inProgress' as const }] };
  const ended = { finishTime: ago(600) };
  const elsewhere: readonly (readonly [string, (service: RunService) => unknown, 'dead' | 'alive'])[] = [
    ['runs at home', s => s.build(4711, 'inProgress', running), 'alive'],
    ['ended at home', s => s.build(4711, 'completed', ended), 'dead'],
    [
      'runs at home, though the other organization denies it',
      s => s.build(4711, 'inProgress', running).answers('build/builds/4711', gone, 'fabrikam'),
      'alive',
    ],
    [
      'ended in the other organization',
      s => s.build(4711, 'completed', { ...ended, organization: 'fabrikam' }),
      'dead',
    ],
    [
      'runs in the other organization',
      s => s.build(4711, 'inProgress', { ...running, organization: 'fabrikam' }),
      'alive',
    ],
    [
      'was deleted in the other organization, and home does not know the project',
      s =>
        s
          .deleted('build', 4711, { organization: 'fabrikam' })
          .answers('build/builds/4711', projectUnknown)
          .answers('build/builds', projectUnknown),
      'dead',
    ],
    ['was deleted at home', s => s.deleted('build', 4711).project(PROJECT, 'fabrikam'), 'dead'],
    [
      'is found nowhere, and is nowhere among the deleted ones',
      s => s.project(PROJECT).project(PROJECT, 'fabrikam'),
      'alive',
    ],
    [
      'cannot be read in the other organization, and home does not know it',
      s => s.answers('build/builds/4711', emptyUnauthorized, 'fabrikam'),
      'alive',
    ],
    [
      'cannot be read at home, and the other organization denies it',
      s => s.answers('build/builds/4711', emptyUnauthorized).answers('build/builds/4711', gone, 'fabrikam'),
      'alive',
    ],
  ];
  for (const [what, prepare, end] of elsewhere) {
    it(`${end === 'dead' ? 'ends' : 'keeps'} a PAT in another organization whose run ${what}`, async () => {
      const service = new PatService();
      prepare(new RunService());
      const pat = service.add(nameOf(4711), 'fabrikam', ago(900));
      const world = revokeStep({ ...inputs, organization: 'contoso, fabrikam' }, service);
      await revokePats(world);
      (end === 'dead' ? assertDead : assertAlive)(world, pat);
    });
  }
});
