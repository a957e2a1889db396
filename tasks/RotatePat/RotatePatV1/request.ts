import { resolve } from 'node:path';
import type { Agent } from '#agent/agent';
import { readAzureConnection } from '../../common/inputs/azure-connection.js';
import type { AzureApp } from '#key-vault/azure-app';
import { VAULT_EXAMPLE } from '#key-vault/vault';
import { enforceCeilings, enforceRotatedLifetime } from '../../common/inputs/ceilings.js';
import { isNamedLoopback } from '../../common/inputs/destinations.js';
import { ValidationErrors } from '../../common/inputs/validation-errors.js';
import { readChoice, readFlag } from '../../common/inputs/inputs.js';
import { organizationOfRun as runOrganization } from '../../common/run-organization.js';
import { readWarnBefore } from '../../common/inputs/warn-before.js';
import { readIssuer, readOrganizations, type Issuer } from '../../common/inputs/issuer.js';
import type { Organization } from '#azure-devops/organization';
import { checkWriteAs, organizationOfRun, type WriteAs } from '../../common/stores/write-as.js';
import { asGuid } from '#text/json';
import { readEntry, type EntryKey, type RotationEntry } from './entry.js';

export interface RotationRequest {
  readonly issuer: Issuer;
  /** Of the PATs. */
  readonly organization: Organization;
  /** Of variable groups and service connections: the run's. */
  readonly storeOrganization: Organization;
  /** The run's project, for a store that names none. */
  readonly project: string;
  readonly entries: readonly RotationEntry[];
  readonly writeAs: WriteAs;
  /** What the writes need. */
  readonly writeScopes: readonly string[];
  /** The application that writes to key vaults; undefined when none is used. */
  readonly azure: AzureApp | undefined;
  readonly force: boolean;
  readonly whatIf: boolean;
  /** What is started after a rotation that changed something; undefined: nothing. */
  readonly thenQueue: QueueRequest | undefined;
  /** Milliseconds before a rotation is due in which every run says so; undefined: none does. */
  readonly warnBefore: number | undefined;
}

/** A pipeline of the run's project. */
export interface QueueRequest {
  /** Id or name. */
  readonly pipeline: string;
  readonly projectId: string;
  readonly organization: Organization;
}

/** The scope that writing to a store needs, of a PAT that the task issues for that. */
const WRITE_SCOPES = {
  variableGroup: 'vso.variablegroups_manage',
  serviceConnection: 'vso.serviceendpoint_manage',
} as const;

/**
 * Reads all inputs, the plan file, and what the service connection allows.
 * @throws Failure that names every fault at once
 */
export async function readRotationRequest(agent: Agent): Promise<RotationRequest> {
  const faults = new ValidationErrors();
  const issuer = readIssuer(agent, faults);
  const organizations = readOrganizations(agent, issuer, faults);
  const [organization] = organizations;
  const writeAs = readChoice(agent, 'writeAs', ['jobToken', 'issuer'], faults);
  const force = readFlag(agent, 'force', faults);
  const whatIf = readFlag(agent, 'whatIf', faults);
  const entries = await readEntries(agent, faults);
  const connectionId = agent.input('azureConnection');
  const usesVault = entries.some(({ store }) => store.kind === 'keyVault');
  const azure = usesVault ? readAzureConnection(agent, connectionId, faults) : undefined;

  if (organizations.length > 1)
    faults.input('organization', 'a rotation is about one organization. Use a step for each');
  const ceilings = issuer?.kind === 'connection' ? issuer.ceilings : undefined;
  if (ceilings !== undefined) {
    const scopes = [...new Set(entries.flatMap(entry => entry.scopes))];
    enforceCeilings({ scopes, lifetime: undefined }, ceilings, faults);
    enforceRotatedLifetime(entries, ceilings, faults);
  }
  const writeScopes = [...new Set(entries.flatMap(({ store }) => writeScopeOf(store.kind)))];
  const usesRun = writeScopes.length > 0;
  const storeOrganization = usesRun ? organizationOfRun(agent, faults) : organization;
  if (usesRun && storeOrganization !== undefined)
    checkWriteAs(writeAs, storeOrganization, ceilings, agent, faults);
  const project = asGuid(agent.variable('System.TeamProjectId'));
  const usesOwnProject = entries.some(({ store }) => store.kind !== 'keyVault' && store.project === '');
  if (usesOwnProject && project === undefined)
    faults.input(
      'project',
      'the agent does not say in which project this run is (System.TeamProjectId). Example: Shop',
    );
  for (const { store } of entries) {
    if (store.kind === 'keyVault' && store.vault.isLoopback && !isNamedLoopback(store.vault.url, agent))
      faults.input(
        'keyVaultUrl',
        `"${store.vault.url}" is no key vault of a cloud. Example: ${VAULT_EXAMPLE}`,
      );
  }
  const queue = readThenQueue(agent, project, faults);
  const warnBefore = readWarnBefore(agent, faults);
  faults.throwIfAny();
  if (issuer === undefined || organization === undefined || storeOrganization === undefined)
    throw new Error('an input is missing without a fault');
  const rest = { entries, writeAs, writeScopes, azure, force, whatIf, thenQueue: queue, warnBefore };
  return { issuer, organization, storeOrganization, project: project ?? '', ...rest };
}

/** As long as the service lets a name be. */
const LONGEST_PIPELINE = 260;

function readThenQueue(
  agent: Agent,
  projectId: string | undefined,
  faults: ValidationErrors,
): QueueRequest | undefined {
  const pipeline = agent.input('thenQueue');
  if (pipeline === '') return undefined;
  const organization = runOrganization(agent);
  if (pipeline.length > LONGEST_PIPELINE || /[\p{Cc}$"<>|*?]/u.test(pipeline))
    faults.input(
      'thenQueue',
      `"${pipeline}" is not the id or name of a pipeline. Example: 42 or Restart mirror`,
    );
  if (projectId === undefined || organization === undefined)
    faults.input(
      'thenQueue',
      'the agent does not say in which project and organization this run is. Example: 42',
    );
  if (agent.jobToken() === '')
    faults.input(
      'thenQueue',
      'this job has no token (System.AccessToken) to start a pipeline with. Example: 42',
    );
  return projectId === undefined || organization === undefined
    ? undefined
    : { pipeline, projectId, organization };
}

function writeScopeOf(kind: RotationEntry['store']['kind']): string[] {
  return kind === 'keyVault' ? [] : [WRITE_SCOPES[kind]];
}

async function readEntries(agent: Agent, faults: ValidationErrors): Promise<readonly RotationEntry[]> {
  const inputs: Readonly<Record<EntryKey, string>> = {
    name: agent.input('name'),
    scopes: agent.input('scopes'),
    allowUnknownScopes: agent.input('allowUnknownScopes'),
    validFor: agent.input('validFor'),
    renewBefore: agent.input('renewBefore'),
    overlap: agent.input('overlap'),
    takeOver: agent.input('takeOver'),
    store: agent.input('store'),
    variableGroup: agent.input('variableGroup'),
    variableName: agent.input('variableName'),
    serviceConnection: agent.input('serviceConnection'),
    connectionParameter: agent.input('connectionParameter'),
    keyVaultUrl: agent.input('keyVaultUrl'),
    secretName: agent.input('secretName'),
    project: agent.input('project'),
  };
  const plan = readPlanPath(agent);
  if (plan === '') {
    const { entry } = readEntry({
      text: key => inputs[key],
      fault: (key, text) => {
        faults.input(key, text);
      },
    });
    return [entry];
  }
  if (inputs.name !== '')
    faults.input('plan', 'give either plan or name, not both: the names stand in the plan');
  // Its YAML parser loads only where there is a plan.
  const { readPlanFile } = await import('./plan-file.js');
  const defaults = { ...inputs, name: '' };
  const told = tellGiven(defaults, faults);
  return readPlanFile(plan, { text: key => defaults[key], isTold: key => told.has(key) }, faults);
}

/** What is given beside a plan, and wrong by itself, is told once and not for every entry that takes it. */
function tellGiven(
  inputs: Readonly<Record<EntryKey, string>>,
  faults: ValidationErrors,
): ReadonlySet<EntryKey> {
  const told = new Set<EntryKey>();
  readEntry({
    text: key => inputs[key],
    fault: (key, text) => {
      if (inputs[key] === '') return;
      told.add(key);
      faults.input(key, text);
    },
  });
  return told;
}

/** The agent turns an empty path into the folder of the sources. */
function readPlanPath(agent: Agent): string {
  const path = agent.input('plan');
  const roots = ['Build.SourcesDirectory', 'System.DefaultWorkingDirectory', 'System.ArtifactsDirectory'];
  const isRoot = roots.some(root => {
    const folder = agent.variable(root) ?? '';
    return folder !== '' && resolve(folder) === resolve(path);
  });
  return isRoot ? '' : path;
}
