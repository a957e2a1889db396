import type { Agent } from '#agent/agent';
import { organizationAt, organizationOfAddress, type Organization } from '#azure-devops/organization';

/**
 * The organization that this run belongs to, as the job's own connection names it. In a release that may be an address of
 * Release Management: `https://vsrm.dev.azure.com/contoso/`.
 *
 * @returns undefined where the run does not belong to Azure DevOps Services
 */
export function organizationOfRun(agent: Agent): Organization | undefined {
  return organizationOfCollection(agent.collectionUrl());
}

/** The organization whose collection an agent, or a variable of its job, names. */
export function organizationOfCollection(text: string): Organization | undefined {
  const organization = organizationAt(text);
  if (organization !== undefined || !URL.canParse(text)) return organization;
  const url = new URL(text);
  const named = organizationOfAddress(url);
  const path = url.pathname.split('/').filter(part => part !== '').length;
  const isBare =
    url.search === '' && url.hash === '' && path <= (url.hostname.endsWith('dev.azure.com') ? 1 : 0);
  return isBare ? named : undefined;
}
