import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { JobResult } from '#local-agent/index';
import { issuerConnection, issuerConnectionName } from '#local-agent/emulated-run';
import type { Emulator } from '#emulator/index';
import { issueStep, type Inputs, type JobWish, runIssuingJob } from '../e2e/issuing-job.js';
import { portOf } from '../unit/tasks/loopback.js';

/** Until 5.276.0 variables are written over inputs and connections, from 5.277.0 on below them. */
export const agentVersions = ['5.276.0', '5.278.0'] as const;

export const CONNECTION = '1c1c1c1c-0000-4000-8000-000000000001';

/** A script that prints a line, as any step of a job can. */
export const printing = (line: string): object => ({ script: `printf '%s\n' '${line}'` });

/** A script that sets a variable. */
export const setting = (name: string, value: string): object =>
  printing(`##vso[task.setvariable variable=${name}]${value}`);

/** A script that sets a variable that keeps its letters as they are in the environment: ids stand there in lower case. */
export const settingExactly = (name: string, value: string): object =>
  printing(`##vso[task.setvariable variable=${name};preservecase=true]${value}`);

/** A script that changes the service connection for the steps after it. */
export const settingEndpoint = (field: string, value: string, id = CONNECTION): object =>
  printing(`##vso[task.setendpoint id=${id};${field}]${value}`);

/** Each task, with inputs that it can work with. */
export const everyTask: Readonly<Record<string, Inputs>> = {
  IssuePat: { scopes: 'vso.code' },
  RevokePat: { what: 'orphans' },
  RotatePat: {
    name: 'mirror',
    scopes: 'vso.code',
    store: 'variableGroup',
    variableGroup: 'deploy',
    variableName: 'GIT_PAT',
  },
  RenewPatIssuer: {},
  AuditPats: {},
};

export function stepOf(task: string, inputs: Inputs = {}): object {
  return {
    task: `${task}@1`,
    name: 'pat',
    inputs: { patIssuer: issuerConnectionName, ...everyTask[task], ...inputs },
  };
}

/** Runs a job whose service connection has a known id, and whose token the emulator knows. */
export function runJobWith(
  emulator: Emulator,
  steps: readonly object[],
  ceilings: Readonly<Record<string, string>> = {},
  wish: JobWish = {},
): Promise<JobResult> {
  const serviceConnections = {
    [issuerConnectionName]: { ...issuerConnection(emulator, ceilings), id: CONNECTION },
  };
  const jobToken = emulator.jobs.issueToken({ organization: 'contoso' }).value;
  return runIssuingJob(emulator, { steps, serviceConnections, jobToken, ...wish });
}

/** An issuing step, then what an attacker does in the job before its post-job stage. */
export function afterIssuing(
  emulator: Emulator,
  attack: readonly object[],
  wish: JobWish = {},
): Promise<JobResult> {
  return runJobWith(emulator, [issueStep(), ...attack], {}, wish);
}

/** Somebody's server on the agent's machine, for each test of a suite. */
export function listenerForEachTest(): { readonly url: () => string; readonly assertUnheard: () => void } {
  let server: Server;
  let heard = 0;
  beforeEach(async () => {
    heard = 0;
    server = createServer((_, response) => response.end('{}'));
    server.on('connection', () => (heard += 1));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => server.close());
  return {
    url: () => `http://127.0.0.1:${portOf(server)}`,
    assertUnheard: () => {
      assert.equal(heard, 0, 'Nobody spoke to the listener.');
    },
  };
}
