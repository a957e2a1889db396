import assert from 'node:assert/strict';
import type { JobResult, StepResult } from '#local-agent/index';
import type { Emulator } from '#emulator/index';
import { issuesOf, logOf, mainOf } from './issuing-job.js';
import { assertNoTrace } from './secret-traces.js';

/** The topic at the end of every message, and where the troubleshooting page of this version explains it. */
const TOPIC = /\[([a-z-]+)\] https:\/\/\S+\/v\d+\.\d+\.\d+\/docs\/troubleshooting\.md#\1$/;

/** Fails unless the step failed with one error that ends with a topic; returns topic and text. */
export function failureOf(step: StepResult): { topic: string; text: string } {
  assert.equal(step.result, 'Failed', logOf(step));
  const errors = step.issues.filter(({ type }) => type === 'error');
  assert.equal(errors.length, 1, `One error is enough:\n${logOf(step)}`);
  const text = issuesOf(step);
  const topic = TOPIC.exec(text)?.[1];
  assert.ok(topic !== undefined, `The error does not end with a topic: ${text}`);
  assertNoStackTrace(step);
  return { topic, text };
}

/** Fails when a person would be shown where in the code something happened. */
export function assertNoStackTrace(step: StepResult): void {
  assert.doesNotMatch(logOf(step), /^\s+at .*[(:]\d+/m);
  assert.doesNotMatch(logOf(step), /(?:TypeError|ReferenceError|node:internal|\[unexpected\])/);
  assert.equal(step.exitCode, 0, 'A task ends with exit code 0 and tells its result by a command.');
}

/** Fails unless the step failed as `failureOf` wants it, left no PAT alive, set no variable and showed no secret. */
export function assertFailedCleanly(
  job: JobResult,
  emulator: Emulator,
  topic: string,
  repair: RegExp,
  name = 'pat',
): void {
  const failure = failureOf(mainOf(job, name));
  assert.equal(failure.topic, topic, failure.text);
  assert.match(failure.text, repair);
  assert.equal(job.result, 'Failed');
  assert.deepEqual(emulator.pats.active(), [], 'No PAT may be alive after the job.');
  assert.equal(job.variables['JOB_PAT'], undefined, 'A failed step hands over no PAT.');
  assertNoTrace(job, emulator);
}
