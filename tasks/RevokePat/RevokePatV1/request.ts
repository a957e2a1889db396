import type { Agent } from '#agent/agent';
import { Inputs } from '../../common/inputs/inputs.js';
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
  const inputs = new Inputs(agent);
  const actor = readActor(inputs);
  const issuer = actor?.as === 'issuer' ? actor.issuer : undefined;
  const organizations = readOrganizations(inputs, issuer);
  const selection = readSelection(inputs, actor);
  const whatIf = inputs.flag('whatIf');
  const onRevokeFailure = inputs.choice('onRevokeFailure', ['warn', 'fail']);
  if (actor !== undefined && organizations.length === 0) {
    inputs.fault('organization', 'name the organization of the PATs. Example: contoso');
  }
  if (selection?.what === 'orphans' && agent.jobToken() === '') {
    inputs.fault('what', 'orphans needs the token of the job, which the agent did not hand over');
  }
  inputs.faults.throwIfAny();
  if (actor === undefined || selection === undefined) throw new Error('an input is missing without a fault');
  return { actor, organizations, selection, whatIf, onRevokeFailure };
}

function readActor(inputs: Inputs): Identity | undefined {
  if (inputs.choice('as', ['issuer', 'administrator']) === 'issuer') {
    const issuer = readIssuer(inputs);
    return issuer === undefined ? undefined : { as: 'issuer', issuer };
  }
  const token = inputs.secret('adminToken');
  const user = inputs.text('user');
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(token)) {
    inputs.fault('adminToken', 'is missing or is not a token of an administrator. Example: $(adminToken)');
  }
  if (user === '')
    inputs.fault('user', 'name the user whose PATs these are. Example: pat-issuer@contoso.com');
  return { as: 'administrator', token, user };
}

function readSelection(inputs: Inputs, actor: Identity | undefined): Selection | undefined {
  switch (inputs.choice('what', ['ids', 'name', 'run', 'orphans'])) {
    case 'ids':
      return readIds(inputs, actor);
    case 'name':
      return readNamePattern(inputs, actor);
    case 'run':
      return readRun(inputs);
    case 'orphans':
      return readMinimumAge(inputs);
  }
}

/**
 * None at all is no fault: that is what an output of another job is where that job was skipped. A macro that the agent
 * left as it stands is one, since a misspelt name looks the same.
 */
function readIds(inputs: Inputs, actor: Identity | undefined): Selection {
  const includeForeign = inputs.flag('includeForeign') || actor?.as === 'administrator';
  const text = inputs.text('authorizationIds');
  const words = text.split(/[\s,;]+/).filter(word => word !== '');
  const [macro] = /\$(?:\(|\[|\{\{).*/s.exec(text) ?? [];
  if (macro !== undefined) {
    inputs.fault(
      'authorizationIds',
      `"${macro}" was not replaced: there is no such variable, or the step that sets it did not run. An output of a job that may be skipped is empty, and fine, when a variable of this job hands it on. Example: $[ dependencies.issue.outputs['pat.authorizationId'] ]`,
    );
    return { what: 'ids', ids: [], includeForeign };
  }
  for (const word of words.filter(word => asGuid(word) === undefined)) {
    inputs.fault('authorizationIds', `"${word}" is not an authorization id. Example: $(pat.authorizationId)`);
  }
  return { what: 'ids', ids: [...new Set(words.flatMap(word => asGuid(word) ?? []))], includeForeign };
}

function readNamePattern(inputs: Inputs, actor: Identity | undefined): Selection {
  const pattern = inputs.text('namePattern');
  const includeForeign = inputs.flag('includeForeign');
  // An administrator ends what is left of a user who is locked out, and has no includeForeign to say so.
  const reach = actor?.as === 'administrator' ? 'kind' : includeForeign ? 'all' : 'few';
  const fault = namePatternFault(pattern, reach);
  if (fault !== undefined) inputs.fault('namePattern', `${fault}. Example: Nightly mirror*`);
  if (includeForeign && actor?.as === 'administrator') {
    inputs.fault('includeForeign', 'an administrator revokes PATs of Job PAT only. Example: false');
  }
  return { what: 'name', matches: fault === undefined ? namePattern(pattern) : () => false, includeForeign };
}

function readRun(inputs: Inputs): Selection {
  const runId = inputs.text('runId');
  const run = currentRun(inputs.agent);
  if (runId !== '' && !/^[1-9]\d{0,9}$/.test(runId)) {
    inputs.fault('runId', `"${runId}" is not the id of a run. Example: $(Build.BuildId)`);
  }
  return { what: 'run', run: { ...run, runId: runId === '' ? run.runId : runId } };
}

function readMinimumAge(inputs: Inputs): Selection {
  const text = inputs.text('minimumAge');
  const minimumAge = parseLifetime(text);
  if (minimumAge === undefined) inputs.fault('minimumAge', `"${text}" is not a length of time. Example: 10m`);
  return { what: 'orphans', minimumAge: minimumAge ?? 0 };
}
