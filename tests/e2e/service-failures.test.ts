import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { JobResult } from '#local-agent/index';
import { type Emulator } from '#emulator/index';
import { assertNoStackTrace, failureOf } from './clean-failure.js';
import { issuesOf, issueStep, mainOf, postOf, runIssuingJob, withEmulator } from './issuing-job.js';
import { together } from './jobs-together.js';
import { assertNoTrace } from './secret-traces.js';
import { answers, type Case, type Outcome, recoveries, refusals, shapes } from './failing-services.js';

describe('Something is wrong with', function () {
  this.timeout(90_000);
  const reached: string[] = [];
  const elsewhere = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.end('{}');
  });
  let origin = '';
  before(async () => {
    await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve));
    const address = elsewhere.address();
    origin = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/stolen`;
  });
  after(() => {
    elsewhere.close();
  });

  const cases = [...answers(), ...refusals(), ...recoveries()];
  const outcomeOf = together(cases, item => play(item, origin));
  for (const item of cases) {
    const promise =
      item.outcome === 'issued' ? 'and the job gets its PAT' : 'and the step fails with a message that helps';
    it(`${item.operation}, which ${item.title}, ${promise}`, async () => {
      const { job, emulator, mostAlive } = await outcomeOf(item);
      assertOutcome(job, item.outcome);
      assert.equal(emulator.alive, 0, 'No PAT may be alive after the job.');
      assert.ok(mostAlive <= 1, `${mostAlive} PATs were alive at once.`);
      assert.equal(
        emulator.faultsLeft > 0 && item.outcome === 'issued',
        false,
        'Not every fault was played.',
      );
    });
  }

  it('another host, which is never asked for anything', async () => {
    for (const item of cases) await outcomeOf(item).catch(() => undefined);
    assert.notEqual(origin, '');
    assert.deepEqual(reached, []);
  });
});

interface Played {
  readonly job: JobResult;
  readonly emulator: { readonly alive: number; readonly faultsLeft: number };
  /** The largest number of PATs that were alive at the same moment. */
  readonly mostAlive: number;
}

function play(item: Case, elsewhere: string): Promise<Played> {
  return withEmulator(async emulator => {
    for (const [operation, first] of item.first ?? []) emulator.faults.add(operation, first);
    const faults =
      item.faults.length > 0 ? item.faults : (shapes(elsewhere)[item.title] ?? assert.fail(item.title));
    for (const one of faults) emulator.faults.add(item.operation, one);
    let mostAlive = 0;
    emulator.on('request', () => {
      mostAlive = Math.max(mostAlive, emulator.pats.active().length);
    });
    const job = await runIssuingJob(emulator);
    assertNoTrace(job, emulator);
    return {
      job,
      emulator: { alive: emulator.pats.active().length, faultsLeft: emulator.faults.pending },
      mostAlive,
    };
  });
}

function assertOutcome(job: JobResult, outcome: Outcome): void {
  for (const step of job.steps) assertNoStackTrace(step);
  assert.equal(postOf(job).result, 'Succeeded', job.log);
  if (outcome === 'issued') {
    assert.equal(job.result, 'Succeeded', job.log);
    assert.equal(job.variables['JOB_PAT']?.isSecret, true, 'Never a green step without a PAT.');
    return;
  }
  const { topic, text } = failureOf(mainOf(job));
  assert.match(text, outcome);
  assert.ok(explained.has(topic), `The troubleshooting page does not explain ${topic}.`);
  assert.equal(job.result, 'Failed');
  assert.equal(job.variables['JOB_PAT'], undefined);
  assert.deepEqual(job.outputs, {});
}

const explained: ReadonlySet<string> = new Set(
  [
    ...readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'troubleshooting.md'), 'utf8').matchAll(
      /^### `([a-z-]+)`$/gm,
    ),
  ].map(match => match[1] ?? ''),
);

describe('A policy of the tenant', () => {
  it('that shortens the lifetime is named in a warning, and the outputs tell the real end', () =>
    withEmulator(async emulator => {
      emulator.policies.set({ maximumLifespanDays: 1 });
      const job = await runIssuingJob(emulator, {
        steps: [issueStep({ validFor: '3d' })],
        connection: { maxLifetime: '7d' },
      });
      assert.notEqual(job.result, 'Failed', job.log);
      assert.match(issuesOf(mainOf(job), 'warning'), /maximum personal access token lifespan/i);
      const end = Date.parse(job.outputs['pat.validTo']?.value ?? '');
      assert.ok(Math.abs(end - Date.now() - 24 * 60 * 60_000) < 60_000);
    }));

  it('that forbids PATs, or those with full scope, is named with its repair', () =>
    withEmulator(async (emulator: Emulator) => {
      emulator.policies.set({ creation: 'blocked' });
      const blocked = await runIssuingJob(emulator);
      assert.match(failureOf(mainOf(blocked)).text, /Restrict personal access token \(PAT\) creation/);

      emulator.policies.set({ creation: 'open', fullScopeRestricted: true });
      const full = await runIssuingJob(emulator, {
        steps: [issueStep({ scopes: 'app_token' })],
        connection: { allowedScopes: 'app_token' },
      });
      assert.match(failureOf(mainOf(full)).text, /Restrict full-scoped/);
      assert.deepEqual(emulator.pats.list(), []);
    }));
});
