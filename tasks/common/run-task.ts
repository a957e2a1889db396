import { complete, taskLibAgent } from '#agent/task-lib-agent';
import { agentNetwork, proxyUrlOf, withProxy } from '#agent/agent-network';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Agent, TaskResult } from '#agent/agent';
import { systemClock, type Clock } from '#http/clock';
import type { Effects } from '#agent/effects';
import { foreignVariablesWarning, refuseForeignVariables } from '#agent/foreign-variables';
import { explained, asFailure, Failure } from '#advice/failure';
import { requestsInDebugLines } from './debug-lines.js';
import { destinationsOf } from './inputs/destinations.js';
import { refuseForgedOrganization } from './run-variables.js';
import { httpClient, lazily } from '#http/http-client';
import type { AfterRequest } from '#http/connections';
import type { Http } from '#http/http';
import { VERSION } from '#text/product';

/** How a story ends. Nothing returned means: it succeeded. */
export interface TaskOutcome {
  readonly result: TaskResult;
  readonly message: string;
}

/**
 * Runs one stage of a task: the only place where effects are made, errors are caught and the result is set.
 * The process exits with 0, as the agent expects; the result is told with `task.complete`.
 *
 * @param name of the task, for the User-Agent header
 * @param connections `kept` or `shared` for a task of many requests
 * @param stage the main stage does nothing in a job whose variables stand in foreign places; after the job there may be a
 *   PAT to revoke, so it goes on
 */
export async function runTask(
  name: string,
  story: (effects: Effects) => Promise<TaskOutcome | undefined>,
  connections: AfterRequest = 'ended',
  stage: 'main' | 'post-job' = 'main',
): Promise<void> {
  // Should the process ever run out of work before it has told a result, the agent must not take that for success.
  process.exitCode = 1;
  const outcome = await outcomeOf(name, story, connections, stage);
  await complete(outcome.result, outcome.message);
  // A connection that hangs, or a signal handler, must not hold the job after its step has ended.
  process.exit(0);
}

async function outcomeOf(
  name: string,
  story: (effects: Effects) => Promise<TaskOutcome | undefined>,
  connections: AfterRequest,
  stage: 'main' | 'post-job',
): Promise<TaskOutcome> {
  try {
    lookAtVariables(stage);
    return (await story(realEffects(name, connections))) ?? { result: 'Succeeded', message: '' };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'unexpected' && error instanceof Error) taskLibAgent.debug(error.stack ?? '');
    return { result: 'Failed', message: `${failure.message} ${explained(failure.topic)}` };
  }
}

/** @throws Failure `variable-refused` */
function lookAtVariables(stage: 'main' | 'post-job'): void {
  if (stage === 'main') {
    refuseForeignVariables();
    refuseForgedOrganization(taskLibAgent);
    return;
  }
  const warning = foreignVariablesWarning();
  if (warning !== undefined) taskLibAgent.warning(warning);
}

/** Makes names unique; it keeps no secret, and node:crypto would cost a tenth of the step's start. */
function nonce(): string {
  return Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

function realEffects(name: string, connections: AfterRequest): Effects {
  const found = agentNetwork(`JobPat/${VERSION} (${name})`);
  for (const difference of found.differences) taskLibAgent.warning(difference);
  let { network } = found;
  const agent: Agent = {
    ...taskLibAgent,
    settings: () => ({ ...taskLibAgent.settings(), proxyUrl: proxyUrlOf(network) }),
    reinstate(settings) {
      taskLibAgent.reinstate(settings);
      network = withProxy(network, settings.proxyUrl);
    },
  };
  // Made with the first request, before which a stage may have learned what counts.
  const shown = requestsInDebugLines(taskLibAgent);
  const http = (signal: AbortSignal): Http =>
    shown(lazily(() => httpClient(network, mayReceive, signal, connections)));
  const mayReceive = destinationsOf(taskLibAgent);
  const cancelled = cancellation();
  const never = new AbortController().signal;
  const cleanup: Effects = {
    agent,
    clock: systemClock,
    http: http(never),
    nonce,
    get cleanup() {
      return cleanup;
    },
  };
  return {
    agent,
    clock: cancellableClock(cancelled),
    http: http(cancelled),
    nonce,
    cleanup,
  };
}

/**
 * The agent cancels with SIGINT, 7.5 s later with SIGTERM, 2.5 s later it kills. On Windows these are Ctrl+C and Ctrl+Break,
 * and a Node.js that nobody told to listen ends at the second.
 */
function cancellation(): AbortSignal {
  const controller = new AbortController();
  // Every request and every wait under way listens; there is no leak to warn of.
  setMaxListeners(0, controller.signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const) {
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
