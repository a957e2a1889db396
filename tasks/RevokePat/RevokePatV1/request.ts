import type { Agent } from '#agent/agent';
import { ValidationErrors } from '../../common/inputs/validation-errors.js';
import { readChoice, readFlag } from '../../common/inputs/inputs.js';
import { readIssuer, readOrganizations, type Issuer } from '../../common/inputs/issuer.js';
import { asGuid } from '#text/json';
import { parseLifetime } from '#text/lifetime';
import { namePattern, namePatternFault } from '#pat/name-pattern';
import type { Organization } from '#azure-devops/organization';
import { currentRun } from '../../common/current-run.js';
import type { Run } from '#azure-devops/run';

/** Which PATs a RevokePat step is about. */
export type Selection =
  | { readonly what: 'ids'; readonly ids: readonly string[]; readonly includeForeign: boolean }
  | {
      readonly what: 'name';
      readonly matches: (displayName: string) => boolean;
      readonly includeForeign: boolean;
    }
  | { readonly what: 'run'; readonly run: Pick<Run, 'host' | 'projectId' | 'runId'> }
  /** `minimumAge` in milliseconds. */
  | { readonly what: 'orphans'; readonly minimumAge: number };

/** In whose name: the user behind a service connection or Entra token, or an administrator for a named user. */
export type Identity =
  | { readonly as: 'issuer'; readonly issuer: Issuer }
  | { readonly as: 'administrator'; readonly token: string; readonly user: string };

export interface RevokeRequest {
  readonly actor: Identity;
  readonly organizations: readonly Organization[];
  readonly selection: Selection;
  readonly whatIf: boolean;
  readonly onRevokeFailure: 'warn' | 'fail';
}

/**
 * Reads all inputs.
 * @throws Failure that names every fault at once
 */
export function readRevokeRequest(agent: Agent): RevokeRequest {
  const faults = new ValidationErrors();
  const actor = readActor(agent, faults);
  const issuer = actor?.as === 'issuer' ? actor.issuer : undefined;
  const organizations = readOrganizations(agent, issuer, faults);
  const selection = readSelection(agent, actor, faults);
  const whatIf = readFlag(agent, 'whatIf', faults);
  const onRevokeFailure = readChoice(agent, 'onRevokeFailure', ['warn', 'fail'], faults);
  if (actor !== undefined && organizations.length === 0) {
    faults.input('organization', 'name the organization of the PATs. Example: contoso');
  }
  if (selection?.what === 'orphans' && agent.jobToken() === '') {
    faults.input('what', 'orphans needs the token of the job, which the agent did not hand over');
  }
  faults.throwIfAny();
  if (actor === undefined || selection === undefined) throw new Error('an input is missing without a fault');
  return { actor, organizations, selection, whatIf, onRevokeFailure };
}

function readActor(agent: Agent, faults: ValidationErrors): Identity | undefined {
  if (readChoice(agent, 'as', ['issuer', 'administrator'], faults) === 'issuer') {
    const issuer = readIssuer(agent, faults);
    return issuer === undefined ? undefined : { as: 'issuer', issuer };
  }
  const token = agent.secretInput('adminToken');
  const user = agent.input('user');
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(token)) {
    faults.input('adminToken', 'is missing or is not a token of an administrator. Example: $(adminToken)');
  }
  if (user === '')
    faults.input('user', 'name the user whose PATs these are. Example: pat-issuer@contoso.com');
  return { as: 'administrator', token, user };
}

function readSelection(
  agent: Agent,
  actor: Identity | undefined,
  faults: ValidationErrors,
): Selection | undefined {
  switch (readChoice(agent, 'what', ['ids', 'name', 'run', 'orphans'], faults)) {
    case 'ids':
      return readIds(agent, actor, faults);
    case 'name':
      return readNamePattern(agent, actor, faults);
    case 'run':
      return readRun(agent, faults);
    case 'orphans':
      return readMinimumAge(agent, faults);
  }
}

/**
 * None at all is no fault: that is what an output of another job is where that job was skipped. A macro that the agent
 * left as it stands is one, since a misspelt name looks the same.
 */
function readIds(agent: Agent, actor: Identity | undefined, faults: ValidationErrors): Selection {
  const includeForeign = readFlag(agent, 'includeForeign', faults) || actor?.as === 'administrator';
  const text = agent.input('authorizationIds');
  const words = text.split(/[\s,;]+/).filter(word => word !== '');
  const [macro] = /\$(?:\(|\[|\{\{).*/s.exec(text) ?? [];
  if (macro !== undefined) {
    faults.input(
      'authorizationIds',
      `"${macro}" was not replaced: there is no such variable, or the step that sets it did not run. An output of a job that may be skipped is empty, and fine, when a variable of this job hands it on. Example: $[ dependencies.issue.outputs['pat.authorizationId'] ]`,
    );
    return { what: 'ids', ids: [], includeForeign };
  }
  for (const word of words.filter(word => asGuid(word) === undefined)) {
    faults.input('authorizationIds', `"${word}" is not an authorization id. Example: $(pat.authorizationId)`);
  }
  return { what: 'ids', ids: [...new Set(words.flatMap(word => asGuid(word) ?? []))], includeForeign };
}

function readNamePattern(agent: Agent, actor: Identity | undefined, faults: ValidationErrors): Selection {
  const pattern = agent.input('namePattern');
  const includeForeign = readFlag(agent, 'includeForeign', faults);
  // An administrator ends what is left of a user who is locked out, and has no includeForeign to say so.
  const reach = actor?.as === 'administrator' ? 'kind' : includeForeign ? 'all' : 'few';
  const fault = namePatternFault(pattern, reach);
  if (fault !== undefined) faults.input('namePattern', `${fault}. Example: Nightly mirror*`);
  if (includeForeign && actor?.as === 'administrator') {
    faults.input('includeForeign', 'an administrator revokes PATs of Job PAT only. Example: false');
  }
  return { what: 'name', matches: fault === undefined ? namePattern(pattern) : () => false, includeForeign };
}

function readRun(agent: Agent, faults: ValidationErrors): Selection {
  const runId = agent.input('runId');
  const run = currentRun(agent);
  if (runId !== '' && !/^[1-9]\d{0,9}$/.test(runId)) {
    faults.input('runId', `"${runId}" is not the id of a run. Example: $(Build.BuildId)`);
  }
  return { what: 'run', run: { ...run, runId: runId === '' ? run.runId : runId } };
}

function readMinimumAge(agent: Agent, faults: ValidationErrors): Selection {
  const text = agent.input('minimumAge');
  const minimumAge = parseLifetime(text);
  if (minimumAge === undefined) faults.input('minimumAge', `"${text}" is not a length of time. Example: 10m`);
  return { what: 'orphans', minimumAge: minimumAge ?? 0 };
}
