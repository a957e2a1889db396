import type { Agent } from '#agent/agent';
import type { Effects } from '#agent/effects';
import { enforceCeilings, type Ceilings } from '../inputs/ceilings.js';
import type { Inputs } from '../inputs/inputs.js';
import { AzureDevOpsClient } from '#azure-devops/client';
import { basic, bearer } from '#azure-devops/identity';
import type { Organization } from '#azure-devops/organization';
import type { UserPats } from '#pat/user-pats';
import { Failure } from '#advice/failure';
import { withTemporaryPat } from '#pat/temporary-pat';
import { organizationOfRun as readOrganizationOfRun } from '../run-organization.js';
import { currentRun } from '../current-run.js';
import { jobPatName } from '#pat/run-name';
import type { StoreIdentity } from './store-identity.js';

/** In whose name a task writes to the organization of its run. */
export type WriteAs = 'jobToken' | 'issuer';

/** What a PAT is called that a task issues for a write. */
const LABEL = 'Job PAT write';

/** The organization that this pipeline runs in: its stores live there, and the job's token is good for no other. */
export function organizationOfRun({ agent, faults }: Inputs): Organization | undefined {
  const organization = readOrganizationOfRun(agent);
  if (organization === undefined) {
    faults.input(
      'writeAs',
      `the collection of this run, "${agent.collectionUrl()}", is not an Azure DevOps organization. Example: https://dev.azure.com/contoso`,
    );
  }
  return organization;
}

/**
 * Adds the faults that a way of writing has before any request: a job without token, or an organization that the
 * service connection does not allow.
 *
 * @param ceilings of the service connection; undefined with an Entra token, which has none
 */
export function checkWriteAs(
  writeAs: WriteAs,
  organization: Organization,
  ceilings: Ceilings | undefined,
  { agent, faults }: Inputs,
): void {
  if (writeAs === 'jobToken') {
    if (agent.jobToken() === '')
      faults.input('writeAs', 'jobToken needs the token of the job, which the agent did not hand over');
    return;
  }
  // The PAT for the write never leaves the task, so it does not count against allowedScopes.
  if (ceilings !== undefined)
    enforceCeilings({ scopes: [], lifetime: 0, organizations: [organization] }, ceilings, faults, 'writeAs');
}

/**
 * Signs in to the organization of the run for `work`: as the job, or with a PAT of five minutes that is issued when it
 * is first needed for a write, and revoked when the work is over. Reads are the job's wherever it may read.
 *
 * @param pats of the issuing user; of no use with `jobToken`
 * @param whatIf nothing is issued, not even that PAT: what only it could read is not known
 * @throws Failure what `work` throws
 */
export async function withStoreIdentity<T>(
  writeAs: WriteAs,
  scopes: readonly string[],
  organization: Organization,
  pats: UserPats,
  effects: Effects,
  work: (signIn: StoreIdentity) => Promise<T>,
  { whatIf = false }: { readonly whatIf?: boolean } = {},
): Promise<T> {
  const { agent } = effects;
  const asJob = new AzureDevOpsClient(bearer('job', agent.jobToken()), organization, effects);
  if (writeAs === 'jobToken')
    return work({ who: buildService(agent, organization), reader: asJob, writer: asJob });
  const run = currentRun(agent);
  const wish = { organization, scopes, nextName: () => jobPatName(LABEL, run, effects.nonce()) };
  let isTold = false;
  const tell = () => {
    if (isTold) return;
    isTold = true;
    agent.info(
      `For its own write this task issues a PAT of five minutes (${scopes.join(' ')}). It never leaves the task, does not count against allowedScopes of the service connection, and is revoked afterwards.`,
    );
  };
  return withTemporaryPat(wish, pats, effects, pat => {
    const told = () => {
      if (whatIf) throw notKnown();
      tell();
      return pat();
    };
    const writer = new AzureDevOpsClient(
      basic('pat', async () => told()),
      organization,
      effects,
    );
    const reader = agent.jobToken() === '' ? writer : asJob;
    return work({ who: 'the issuing user', reader, writer });
  });
}

function notKnown(): Failure {
  return new Failure(
    'store-not-known',
    'How it stands is not known: the job cannot read it, and whatIf issues no PAT to read it as the issuing user.',
    'Let the identity of this job read it, or run without whatIf.',
  );
}

/** Whom the job's token signs in: which of the two, the setting "Limit job authorization scope" decides. */
function buildService(agent: Agent, { name }: Organization): string {
  const project = agent.variable('System.TeamProject') ?? '{project}';
  return `the identity of this job ("${project} Build Service (${name})", or "Project Collection Build Service (${name})")`;
}
