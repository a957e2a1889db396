import { complete, agentNetwork, taskLibAgent } from './task-lib-agent.js';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskResult } from './agent.js';
import { systemClock, type Clock } from './clock.js';
import type { Effects } from './effects.js';
import { asFailure, Failure } from '../text/failure.js';
import { destinationsOf } from '../inputs/destinations.js';
import { httpClient, type Connections } from '../http/http-client.js';

/** How a story ends. Nothing returned means: it succeeded. */
export interface Outcome {
  readonly result: TaskResult;
  readonly message: string;
}

declare const JOB_PAT_VERSION: string;

/**
 * Runs one stage of a task: the only place where effects are made, errors are caught and the result is set.
 * The process exits with 0, as the agent expects; the result is told with `task.complete`.
 *
 * @param name of the task, for the User-Agent header
 * @param connections `kept` for a task of many requests
 */
export async function runTask(
  name: string,
  story: (effects: Effects) => Promise<Outcome | undefined>,
  connections: Connections = 'ended',
): Promise<void> {
  const outcome = await outcomeOf(name, story, connections);
  await complete(outcome.result, outcome.message);
  // A connection that hangs, or a signal handler, must not hold the job after its step has ended.
  process.exit(0);
}

async function outcomeOf(
  name: string,
  story: (effects: Effects) => Promise<Outcome | undefined>,
  connections: Connections,
): Promise<Outcome> {
  try {
    return (await story(realEffects(name, connections))) ?? { result: 'Succeeded', message: '' };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'unexpected' && error instanceof Error) taskLibAgent.debug(error.stack ?? '');
    return { result: 'Failed', message: `${failure.message} [${failure.topic}]` };
  }
}

/** Makes names unique; it keeps no secret, and node:crypto would cost a tenth of the step's start. */
function nonce(): string {
  return Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

function realEffects(name: string, connections: Connections): Effects {
  const network = agentNetwork(`JobPat/${JOB_PAT_VERSION} (${name})`);
  const mayReceive = destinationsOf(taskLibAgent);
  const cancelled = cancellation();
  const never = new AbortController().signal;
  const cleanup: Effects = {
    agent: taskLibAgent,
    clock: systemClock,
    http: httpClient(network, mayReceive, never, connections),
    nonce,
    get cleanup() {
      return cleanup;
    },
  };
  return {
    agent: taskLibAgent,
    clock: cancellableClock(cancelled),
    http: httpClient(network, mayReceive, cancelled, connections),
    nonce,
    cleanup,
  };
}

/** The agent cancels with SIGINT, 7.5 s later SIGTERM, 2.5 s later it kills. */
function cancellation(): AbortSignal {
  const controller = new AbortController();
  // Every request and every wait under way listens; there is no leak to warn of.
  setMaxListeners(0, controller.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      controller.abort();
    });
  }
  return controller.signal;
}

function cancellableClock(cancelled: AbortSignal): Clock {
  return {
    now: () => systemClock.now(),
    wait: async milliseconds => {
      try {
        await delay(milliseconds, undefined, { signal: cancelled });
      } catch (error) {
        throw new Failure('cancelled', 'The step was cancelled.', '', { cause: error });
      }
    },
  };
}
