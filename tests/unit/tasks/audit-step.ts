import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditPats } from '../../../tasks/AuditPats/AuditPatsV1/run.js';
import { asObject, objectsOf, parseJson, type JsonObject } from '#text/json';
import { defaultInputs, MemoryAgent } from './memory-agent.js';
import { PatService } from './pat-service.js';
import { JOB_TOKEN } from './revoke-pats.js';
import { agentState, World } from './world.js';

export const ADMIN = { whose: 'organization', patIssuer: '', adminToken: 'Admin'.repeat(10) };

/** An audit's step, with a temporary folder that lives as long as a test. */
export function audits() {
  let temp = '';
  beforeEach(() => {
    temp = mkdtempSync(join(tmpdir(), 'audit-'));
  });
  afterEach(() => {
    rmSync(temp, { recursive: true });
  });

  function step(
    inputs: Readonly<Record<string, string>>,
    service = new PatService(),
    more: Readonly<Record<string, string>> = {},
    allowedOrganizations = 'contoso fabrikam',
  ): World {
    const variables = { 'System.AccessToken': JOB_TOKEN, 'Agent.TempDirectory': temp, ...more };
    const state = agentState({ variables, fields: { allowedOrganizations } });
    const all = { ...defaultInputs('AuditPats'), patIssuer: 'issuer', ...inputs };
    return new World(new MemoryAgent({ ...state, inputs: all }), service);
  }
  return { step, inTemp: (...parts: string[]) => join(temp, ...parts) };
}

export function inventoryOf({ agent }: World): JsonObject {
  const path = agent.events.flatMap(event =>
    event.kind === 'attachment' && event.type === 'job-pat.inventory' ? [event.path] : [],
  )[0];
  return asObject(parseJson(readFileSync(path ?? assert.fail('nothing attached'), 'utf8'))) ?? {};
}

export const statesOf = (world: World) =>
  Object.fromEntries(
    objectsOf(inventoryOf(world)['pats']).map(pat => [String(pat['displayName']), pat['state']]),
  );

export const rulesOf = (world: World, displayName: string) =>
  objectsOf(
    objectsOf(inventoryOf(world)['pats']).find(pat => pat['displayName'] === displayName)?.['findings'],
  ).map(({ rule }) => rule);

/** What the audit says is missing, and how it ended. */
export async function missingOf(world: World): Promise<{ missing: string[]; result: string | undefined }> {
  const outcome = await auditPats(world.effects);
  const missing = objectsOf(inventoryOf(world)['missing']).map(({ user, reason }) =>
    [user, reason].filter(Boolean).join(': '),
  );
  return { missing, result: outcome?.result };
}
