import { asFailure, explained, Failure } from '#advice/failure';
import { ROTATION } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import { AzureDevOpsClient } from '#azure-devops/client';
import { bearer } from '#azure-devops/identity';
import { Pipelines, type Pipeline } from '#azure-devops/pipelines';
import { sanitize } from '#text/sanitize';
import type { TaskOutcome } from '../../common/run-task.js';
import type { QueueRequest, RotationRequest } from './request.js';
import type { Result } from './rotate.js';

/**
 * Starts the pipeline that has to know of a rotation, where one changed something. The rotation stands whatever becomes of
 * that: a pipeline that could not be started is a warning which names what was rotated.
 *
 * @param outcome of the rotation
 */
export async function thenQueue(
  results: readonly Result[],
  outcome: TaskOutcome | undefined,
  { thenQueue: queue, whatIf }: Pick<RotationRequest, 'thenQueue' | 'whatIf'>,
  effects: Effects,
): Promise<TaskOutcome | undefined> {
  if (queue === undefined) return outcome;
  const rotated = results.filter(({ done }) => done === (whatIf ? 'would rotate' : 'rotated'));
  if (rotated.length === 0) return outcome;
  const { agent } = effects;
  if (whatIf) {
    agent.info(`Pipeline "${queue.pipeline}" would be started.`);
    return outcome;
  }
  const names = rotated.map(({ entry }) => `"${entry.name}"`).join(', ');
  try {
    const run = await start(queue, effects);
    agent.info(`Started pipeline "${queue.pipeline}": run ${run}.`);
    return outcome;
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'cancelled') throw failure;
    agent.warning(
      `Rotated ${names}, but pipeline "${queue.pipeline}" could not be started with the token of the job: ${failure.message} ` +
        `The rotation stands. Start it by hand, or let what uses the PAT read it anew. ${explained(failure.topic)}`,
    );
    return outcome?.result === 'Failed'
      ? outcome
      : { result: 'SucceededWithIssues', message: outcome?.message ?? 'The pipeline was not started.' };
  }
}

async function start({ pipeline, projectId, organization }: QueueRequest, effects: Effects): Promise<string> {
  const client = new AzureDevOpsClient(bearer('job', effects.agent.jobToken()), organization, effects);
  const pipelines = new Pipelines(client, projectId);
  const policy = retryFor(effects, ROTATION.queue);
  const found = await pipelines.named(pipeline, policy);
  const [one, ...more] = found;
  if (one === undefined || more.length > 0) throw notOne(pipeline, found);
  return pipelines.run(one, policy);
}

function notOne(pipeline: string, found: readonly Pipeline[]): Error {
  const places = found.map(({ folder, name }) => sanitize(`${folder}\\${name}`, 100)).join(', ');
  return new Failure(
    'pipeline-not-found',
    found.length === 0
      ? `The project has no pipeline "${pipeline}" that the build service may see.`
      : `The project has several pipelines "${pipeline}": ${places}.`,
    found.length === 0
      ? 'Check the name, and let the build service view it.'
      : 'Name the folder too, or the id.',
  );
}
