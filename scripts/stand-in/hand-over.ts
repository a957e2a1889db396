import type { Emulator } from '#emulator/index';
import type { Route } from '#emulator/http/router';
import { emptyReply, jsonReply } from '#emulator/http/reply';
import {
  isJsonObject,
  type JsonObject,
  objectOf,
  objectsOf,
  parseJsonObject,
  textOf,
} from '#local-agent/json';
import { type SignInMode, signInModes } from '#local-agent/emulated-run';
import type { HandedJob, JobOptions } from '#local-agent/index';
import { serviceConnectionOf, texts } from '../agent/service-connection-file.js';
import { agentRun } from './agent-run.js';
import type { World } from './world.js';

/** Where an emulator hands a run to a local agent of another process, and hears which jobs it starts. */
const RUN_PATH = '/_agent/run';
const JOBS_PATH = '/_agent/jobs';

/** @param furnished what is known once the emulator runs */
export function handOverRoutes(furnished: () => { emulator: Emulator; world: World }): Route[] {
  return [
    {
      operation: 'page',
      method: 'GET',
      path: RUN_PATH,
      handle: ({ query }) => {
        const { emulator, world } = furnished();
        const asked = query.get('signIn');
        const mode = signInModes.find(known => known === asked);
        if (asked !== null && mode === undefined)
          return jsonReply(400, { message: `signIn is one of ${signInModes.join(', ')}.` });
        return jsonReply(200, agentRun(emulator, world, mode));
      },
    },
    {
      operation: 'page',
      method: 'POST',
      path: JOBS_PATH,
      handle: ({ body }) => {
        const { token, ...job } = handedJobOf(parseJsonObject(body.toString('utf8'), 'The job'));
        furnished().emulator.jobs.start(token, job);
        return emptyReply(204);
      },
    },
  ];
}

function handedJobOf(json: JsonObject): HandedJob {
  const idAndName = (object: JsonObject) => ({ id: textOf(object, 'id'), name: textOf(object, 'name') });
  return {
    token: textOf(json, 'token'),
    project: idAndName(objectOf(json, 'project')),
    hub: textOf(json, 'hub'),
    planId: textOf(json, 'planId'),
    jobId: textOf(json, 'jobId'),
    pipeline: textOf(json, 'pipeline'),
    stage: textOf(json, 'stage'),
    name: textOf(json, 'name'),
    connections: objectsOf(json, 'connections').map(idAndName),
  };
}

/**
 * The run that an emulator of another process hands over.
 *
 * @throws Error that says what to do when nobody, or something else, answers there
 */
export async function handedRun(
  url: string,
  mode: SignInMode | undefined,
): Promise<
  Pick<JobOptions, 'collectionUrl' | 'serviceConnections' | 'variables' | 'jobToken' | 'addresses' | 'onJob'>
> {
  const origin = new URL(url).origin;
  const repair = 'Start one with npm run emulator, and give the address that it prints.';
  const answer = await fetch(`${origin}${RUN_PATH}${mode === undefined ? '' : `?signIn=${mode}`}`, {
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  if (answer === undefined) throw new Error(`No emulator answers at ${origin}. ${repair}`);
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok || !isJsonObject(body))
    throw new Error(`What answers at ${origin} is no emulator. ${repair}`);
  const connections = objectOf(body, 'serviceConnections');
  return {
    collectionUrl: textOf(body, 'collectionUrl'),
    jobToken: textOf(body, 'jobToken'),
    serviceConnections: Object.fromEntries(
      Object.keys(connections).map(name => [name, serviceConnectionOf(objectOf(connections, name), name)]),
    ),
    variables: texts(objectOf(body, 'variables')),
    addresses: objectsOf(body, 'addresses').map(address => ({
      named: textOf(address, 'named'),
      local: textOf(address, 'local'),
    })),
    onJob: async job => {
      await fetch(`${origin}${JOBS_PATH}`, { method: 'POST', body: JSON.stringify(job), redirect: 'error' });
    },
  };
}
