import assert from 'node:assert/strict';
import type { Http } from '#http/http';
import type { TaskOutcome } from '../../../tasks/common/run-task.js';
import { revokePats as revoke } from '../../../tasks/RevokePat/RevokePatV1/run.js';
import { defaultInputs, MemoryAgent, type AgentState } from './memory-agent.js';
import { PatService, type ServedPat } from './pat-service.js';
import { JOB, PROJECT, RunService } from './run-service.js';
import { agentState, START, World, type Step } from './world.js';

export const JOB_TOKEN = 'the-token-of-the-job';

/** The state of an agent that runs a RevokePat step; `contoso` is the organization of the run. */
export function revokeState(step: Step = {}): AgentState {
  const allowed = { allowedOrganizations: 'contoso fabrikam' };
  const state = agentState({
    ...step,
    fields: { ...allowed, ...step.fields },
    variables: { 'System.AccessToken': JOB_TOKEN, ...step.variables },
  });
  return { ...state, inputs: { ...defaultInputs('RevokePat'), patIssuer: 'issuer', ...step.inputs } };
}

export function revokeStep(inputs: Readonly<Record<string, string>>, service = new PatService()): World {
  return new World(new MemoryAgent(revokeState({ inputs })), service);
}

/** The story of the task with the effects of a test, through a way out of the test's own. */
export async function revokePats(
  { effects }: World,
  wayOut: (http: Http) => Http = http => http,
): Promise<TaskOutcome | undefined> {
  return revoke({ ...effects, http: wayOut(effects.http) });
}

/** The name of a PAT of a job, as the contract writes it. */
export function nameOf(
  runId: number | string,
  { host = 'build', projectId = PROJECT, jobId = JOB, nonce = '0123abcd', label = 'Nightly' } = {},
): string {
  return `${label} job-pat:${host}/${projectId}/${runId}/${jobId.slice(0, 8)}/${nonce}`;
}

/** A moment before the test starts, as the service writes it. */
export function ago(minutes: number): string {
  return new Date(START.getTime() - minutes * 60_000).toISOString();
}

/** A PAT of build 4711, made 15 hours ago, and what the reaper did with it. */
export async function reap(
  runs: (service: RunService) => unknown,
  {
    name = nameOf(4711),
    made = 900,
    minimumAge = '10m',
  }: { name?: string; made?: number; minimumAge?: string } = {},
): Promise<{ world: World; pat: ServedPat }> {
  const service = new PatService();
  runs(new RunService());
  const pat = service.add(name, 'contoso', ago(made));
  const world = revokeStep({ what: 'orphans', minimumAge }, service);
  assert.equal(await revokePats(world), undefined);
  return { world, pat };
}

/** The rows of the table, each with its columns by name. */
export function rowsOf({ agent }: World): Record<string, string>[] {
  const table = agent.lines('info').find(line => line.startsWith('done '));
  const [head = '', ...lines] = table?.split('\n') ?? [];
  const columns = [...head.matchAll(/\S+/g)].map(match => ({ name: match[0], start: match.index }));
  return lines.map(line =>
    Object.fromEntries(
      columns.map(({ name, start }, index) => [name, line.slice(start, columns[index + 1]?.start).trim()]),
    ),
  );
}

/** Why a PAT was kept, or undefined when it is not in the table as kept. */
export function whyKept(world: World, { displayName }: ServedPat): string | undefined {
  const row = rowsOf(world).find(({ name }) => name === displayName);
  return row?.['done'] === 'kept' ? row['why'] : undefined;
}

export function assertAlive({ service }: World, ...pats: readonly ServedPat[]): void {
  for (const { authorizationId, displayName } of pats)
    assert.ok(service.alive.has(authorizationId), `"${displayName}" stays alive`);
}

export function assertDead({ service }: World, ...pats: readonly ServedPat[]): void {
  for (const { authorizationId, displayName } of pats)
    assert.ok(!service.alive.has(authorizationId), `"${displayName}" is revoked`);
}
