import type { Agent } from '#agent/agent';
import { enforceCeilings, enforcePurposes } from '../../common/inputs/ceilings.js';
import { Inputs } from '../../common/inputs/inputs.js';
import type { JobPatRequest } from '#pat/issue';
import { readIssuer, readOrganizations, type Issuer } from '../../common/inputs/issuer.js';
import { MINUTE, parseLifetime, YEAR } from '#text/lifetime';
import type { Organization } from '#azure-devops/organization';
import { currentRun, labelOfRun } from '../../common/current-run.js';
import { LABEL_EXAMPLE, labelFault } from '#pat/pat-name';
import { parsePurposes, type Purpose } from '#pat/purposes';
import { parseScopes, reduceScopes } from '#pat/scopes';
import { parseTools, toolsOfOneOrganization, type ToolName } from '#tools/tool-names';
import { jobVariableFault, variableOfOrganization } from '../../common/inputs/variable-name.js';

/** Everything an IssuePat step asks for, checked. */
export interface IssueRequest extends JobPatRequest {
  readonly issuer: Issuer;
  readonly variableName: string;
  /** Empty: none. */
  readonly basicVariableName: string;
  readonly verify: boolean;
  readonly revoke: 'afterJob' | 'never';
  /** Made ready for the later steps of the job. */
  readonly tools: readonly ToolName[];
}

/** So that the record of their PATs fits into a variable of the environment on Windows. */
const MOST_ORGANIZATIONS = 50;
const SHORTEST = 5 * MINUTE;
/** The service's own limit. */
const LONGEST = YEAR;

/**
 * Reads all inputs, and what the service connection allows.
 * @throws Failure that names every fault at once
 */
export function readIssueRequest(agent: Agent): IssueRequest {
  const inputs = new Inputs(agent);
  const issuer = readIssuer(inputs);
  const organizations = readOrganizations(inputs, issuer);
  if (organizations.length > MOST_ORGANIZATIONS) {
    inputs.fault(
      'organization',
      `names ${organizations.length} organizations; ${MOST_ORGANIZATIONS} are the most. Example: contoso, fabrikam`,
    );
  }
  const purposes = readPurposes(inputs);
  const named = readScopes(inputs, purposes);
  const scopes = unionOf(purposes ?? [], named, agent);
  const validFor = readLifetime(inputs);
  const label = readLabel(inputs);
  const names = readVariableNames(inputs, organizations);
  const tools = readTools(inputs, organizations);
  const verify = inputs.flag('verify');
  const revoke = inputs.choice('revoke', ['afterJob', 'never']);
  inputs.choice('onRevokeFailure', ['warn', 'fail']);
  if (issuer?.kind === 'connection') {
    enforceCeilings({ scopes: named, lifetime: validFor }, issuer.ceilings, inputs.faults);
    enforcePurposes(purposes ?? [], issuer.ceilings, inputs.faults);
  }
  inputs.faults.throwIfAny();
  if (issuer === undefined || validFor === undefined) throw new Error('an input is missing without a fault');

  return {
    issuer,
    organizations,
    scopes,
    validFor,
    label,
    run: currentRun(agent),
    ...names,
    verify,
    revoke,
    tools,
  };
}

/** Undefined: what stands there names none, which is a fault of its own. */
function readPurposes(inputs: Inputs): readonly Purpose[] | undefined {
  const text = inputs.text('purpose');
  // The table of purposes loads on demand.
  if (text === '') return [];
  const list = parsePurposes(text);
  for (const fault of list.faults) inputs.fault('purpose', fault);
  return list.faults.length > 0 && list.purposes.length === 0 ? undefined : list.purposes;
}

/** As they are named, one that another includes among them. */
function readScopes(inputs: Inputs, purposes: readonly Purpose[] | undefined): string[] {
  const list = parseScopes(inputs.text('scopes'), {
    allowUnknown: inputs.flag('allowUnknownScopes'),
  });
  for (const fault of list.faults) inputs.fault('scopes', fault);
  const asked = [...list.scopes, ...list.included.map(([left]) => left)];
  if (list.faults.length === 0 && asked.length === 0 && purposes?.length === 0)
    inputs.fault(
      'scopes',
      'is required unless purpose says what the PAT is for. Example: vso.code or Code (Read)',
    );
  return asked;
}

/** The least scopes that do what both inputs ask for. What a purpose allows beside it is told. */
function unionOf(purposes: readonly Purpose[], named: readonly string[], agent: Agent): string[] {
  for (const { name, scopes, warning } of purposes) {
    const beside = warning === undefined ? '' : ` Beside it: ${warning}.`;
    agent.info(`purpose ${name}: ${scopes.join(' ')}.${beside}`);
  }
  const { scopes, included } = reduceScopes([...purposes.flatMap(({ scopes }) => scopes), ...named]);
  for (const [left, by] of included) agent.info(`${left} is left out: ${by} includes it.`);
  return scopes;
}

function readTools(inputs: Inputs, organizations: readonly Organization[]): readonly ToolName[] {
  const list = parseTools(inputs.text('configure'));
  for (const fault of list.faults) inputs.fault('configure', fault);
  if (organizations.length > 1) {
    for (const tool of toolsOfOneOrganization(list.tools)) {
      inputs.fault(
        'configure',
        `${tool} takes one PAT for whatever organization it is pointed at, and this step issues for ${organizations.length}: one would be sent to another. Use a step for each organization. Example: git`,
      );
    }
  }
  return list.tools;
}

function readLifetime(inputs: Inputs): number | undefined {
  const text = inputs.text('validFor');
  const lifetime = parseLifetime(text);
  if (lifetime === undefined) {
    inputs.fault('validFor', `"${text}" is not a lifetime. Example: 90m, 2h, 1d, 1h30m or PT2H`);
  } else if (lifetime < SHORTEST) {
    inputs.fault('validFor', `"${text}" is too short; 5 minutes at least. Example: 1h`);
  } else if (lifetime > LONGEST) {
    inputs.fault('validFor', `"${text}" is too long; no PAT lives longer than a year. Example: 1h`);
  }
  return lifetime;
}

function readLabel(inputs: Inputs): string {
  const label = inputs.text('displayName');
  if (label === '') return labelOfRun(inputs.agent);
  const fault = labelFault(label);
  if (fault !== undefined) inputs.fault('displayName', `the value ${fault}. Example: ${LABEL_EXAMPLE}`);
  return label;
}

function readVariableNames(
  inputs: Inputs,
  organizations: readonly Organization[],
): { variableName: string; basicVariableName: string } {
  const variableName = inputs.text('variableName');
  const basicVariableName = inputs.text('basicVariableName');
  const expand = (name: string) =>
    organizations.length > 1
      ? organizations.map(({ name: org }) => variableOfOrganization(name, org))
      : [name];
  const asked = Object.entries({ variableName, basicVariableName }).filter(
    ([input, name]) => input === 'variableName' || name !== '',
  );
  for (const [input, name] of asked) {
    for (const variable of jobVariableFault(name) === undefined ? expand(name) : [name]) {
      const fault = jobVariableFault(variable);
      if (fault !== undefined) inputs.fault(input, `"${variable}" ${fault}`);
    }
  }
  const all = asked.flatMap(([, name]) => expand(name));
  const distinct = new Set(all.map(name => name.replaceAll('.', '_').toUpperCase()));
  if (distinct.size < all.length) {
    inputs.fault(
      basicVariableName === '' ? 'organization' : 'basicVariableName',
      `two values would go to the same variable (${all.join(', ')}). Example: JOB_PAT_BASIC`,
    );
  }
  return { variableName, basicVariableName };
}
