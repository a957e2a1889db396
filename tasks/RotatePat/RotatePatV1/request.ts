import { resolve } from 'node:path';
import type { Agent } from '#agent/agent';
import { readAzureConnection } from '../../common/inputs/azure-connection.js';
import type { AzureApp } from '#key-vault/azure-app';
import { VAULT_EXAMPLE } from '#key-vault/vault';
import { enforceCeilings, enforceRotatedLifetime } from '../../common/inputs/ceilings.js';
import { isNamedLoopback } from '../../common/inputs/destinations.js';
import { Inputs } from '../../common/inputs/inputs.js';
import { organizationOfRun as runOrganization } from '../../common/run-organization.js';
import { readWarnBefore } from '../../common/inputs/warn-before.js';
import { readIssuer, readOrganizations, type Issuer } from '../../common/inputs/issuer.js';
import type { Organization } from '#azure-devops/organization';
import { checkWriteAs, organizationOfRun, type WriteAs } from '../../common/stores/write-as.js';
import { asGuid } from '#text/json';
import { ENTRY_KEYS, readEntry, type EntryKey, type RotationEntry } from './entry.js';
import { writeScopesOf } from './stores.js';

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

/**
 * Reads all inputs, the plan file, and what the service connection allows.
 * @throws Failure that names every fault at once
 */
export async function readRotationRequest(agent: Agent): Promise<RotationRequest> {
  const inputs = new Inputs(agent);
  const issuer = readIssuer(inputs);
  const organizations = readOrganizations(inputs, issuer);
  const [organization] = organizations;
  const writeAs = inputs.choice('writeAs', ['jobToken', 'issuer']);
  const force = inputs.flag('force');
  const whatIf = inputs.flag('whatIf');
  const entries = await readEntries(inputs);
  const connectionId = inputs.text('azureConnection');
  const usesVault = entries.some(({ store }) => store.kind === 'keyVault');
  const azure = usesVault ? readAzureConnection(agent, connectionId, inputs.faults) : undefined;

  if (organizations.length > 1)
    inputs.fault('organization', 'a rotation is about one organization. Use a step for each');
  const ceilings = issuer?.kind === 'connection' ? issuer.ceilings : undefined;
  if (ceilings !== undefined) {
    const scopes = [...new Set(entries.flatMap(entry => entry.scopes))];
    enforceCeilings({ scopes, lifetime: undefined }, ceilings, inputs.faults);
    enforceRotatedLifetime(entries, ceilings, inputs.faults);
  }
  const writeScopes = [...new Set(entries.flatMap(({ store }) => writeScopesOf(store)))];
  const usesRun = writeScopes.length > 0;
  const storeOrganization = usesRun ? organizationOfRun(inputs) : organization;
  if (usesRun && storeOrganization !== undefined) checkWriteAs(writeAs, storeOrganization, ceilings, inputs);
  const project = asGuid(agent.variable('System.TeamProjectId'));
  const usesOwnProject = entries.some(({ store }) => 'project' in store && store.project === '');
  if (usesOwnProject && project === undefined)
    inputs.fault(
      'project',
      'the agent does not say in which project this run is (System.TeamProjectId). Example: Shop',
    );
  for (const { store } of entries) {
    if (store.kind === 'keyVault' && store.vault.isLoopback && !isNamedLoopback(store.vault.url, agent))
      inputs.fault(
        'keyVaultUrl',
        `"${store.vault.url}" is no key vault of a cloud. Example: ${VAULT_EXAMPLE}`,
      );
  }
  const queue = readThenQueue(inputs, project);
  const warnBefore = readWarnBefore(inputs);
  inputs.faults.throwIfAny();
  if (issuer === undefined || organization === undefined || storeOrganization === undefined)
    throw new Error('an input is missing without a fault');
  const rest = { entries, writeAs, writeScopes, azure, force, whatIf, thenQueue: queue, warnBefore };
  return { issuer, organization, storeOrganization, project: project ?? '', ...rest };
}

/** As long as the service lets a name be. */
const LONGEST_PIPELINE = 260;

function readThenQueue(inputs: Inputs, projectId: string | undefined): QueueRequest | undefined {
  const pipeline = inputs.text('thenQueue');
  if (pipeline === '') return undefined;
  const organization = runOrganization(inputs.agent);
  if (pipeline.length > LONGEST_PIPELINE || /[\p{Cc}$"<>|*?]/u.test(pipeline))
    inputs.fault(
      'thenQueue',
      `"${pipeline}" is not the id or name of a pipeline. Example: 42 or Restart mirror`,
    );
  if (projectId === undefined || organization === undefined)
    inputs.fault(
      'thenQueue',
      'the agent does not say in which project and organization this run is. Example: 42',
    );
  if (inputs.agent.jobToken() === '')
    inputs.fault(
      'thenQueue',
      'this job has no token (System.AccessToken) to start a pipeline with. Example: 42',
    );
  return projectId === undefined || organization === undefined
    ? undefined
    : { pipeline, projectId, organization };
}

async function readEntries(inputs: Inputs): Promise<readonly RotationEntry[]> {
  const given = inputs.texts(ENTRY_KEYS);
  const plan = readPlanPath(inputs);
  if (plan === '') {
    const { entry } = readEntry({
      text: key => given[key],
      fault: (key, text) => {
        inputs.fault(key, text);
      },
    });
    return [entry];
  }
  if (given.name !== '')
    inputs.fault('plan', 'give either plan or name, not both: the names stand in the plan');
  // Its YAML parser loads only where there is a plan.
  const { readPlanFile } = await import('./plan-file.js');
  const defaults = { ...given, name: '' };
  const told = tellGiven(defaults, inputs);
  return readPlanFile(plan, { text: key => defaults[key], isTold: key => told.has(key) }, inputs.faults);
}

/** What is given beside a plan, and wrong by itself, is told once and not for every entry that takes it. */
function tellGiven(given: Readonly<Record<EntryKey, string>>, inputs: Inputs): ReadonlySet<EntryKey> {
  const told = new Set<EntryKey>();
  readEntry({
    text: key => given[key],
    fault: (key, text) => {
      if (given[key] === '') return;
      told.add(key);
      inputs.fault(key, text);
    },
  });
  return told;
}

/** The agent turns an empty path into the folder of the sources. */
function readPlanPath(inputs: Inputs): string {
  const path = inputs.text('plan');
  const roots = ['Build.SourcesDirectory', 'System.DefaultWorkingDirectory', 'System.ArtifactsDirectory'];
  const isRoot = roots.some(root => {
    const folder = inputs.agent.variable(root) ?? '';
    return folder !== '' && resolve(folder) === resolve(path);
  });
  return isRoot ? '' : path;
}
