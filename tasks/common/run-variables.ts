import type { Agent } from '#agent/agent';
import { isCredentialHost } from '#http/hosts';
import { belongsTo, sameOrganization } from '#azure-devops/organization';
import { Failure } from '#advice/failure';
import { sanitize } from '#text/sanitize';
import { organizationOfCollection, organizationOfRun } from './run-organization.js';

/**
 * Variables in which the agent names the organization of the run. Any step can set them, so they decide nothing; one that
 * names another place was set by somebody who hoped that it does.
 *
 * @throws Failure `variable-refused` naming each
 */
export function refuseForgedOrganization(agent: Agent): void {
  const collection = agent.collectionUrl();
  if (collection === '') return;
  const forged = [
    'System.CollectionUri',
    'System.TeamFoundationCollectionUri',
    'System.OidcRequestUri',
  ].filter(name => {
    const value = (agent.variable(name) ?? '').trim();
    return value !== '' && !namesHome(value, agent);
  });
  if (forged.length === 0) return;
  const shown = forged.map(name => `${name} ("${sanitize(agent.variable(name) ?? '', 120)}")`);
  throw new Failure(
    'variable-refused',
    `${shown.join(' and ')} ${forged.length === 1 ? 'names' : 'name'} another place than ${collection}, the organization that this job belongs to.`,
    'Nothing was requested. Find out which step sets that variable, and do not let it.',
  );
}

function namesHome(value: string, agent: Agent): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const home = organizationOfRun(agent);
  const collection = agent.collectionUrl();
  if (home === undefined) return URL.canParse(collection) && url.origin === new URL(collection).origin;
  if (!isCredentialHost(url, 'azure-devops')) return false;
  const named = organizationOfCollection(value);
  return named === undefined ? belongsTo(url, home) : sameOrganization(named, home) || belongsTo(url, home);
}
