import type { Emulator } from '#emulator/index';
import { emulatedRun, issuerConnectionName, type SignInMode } from '#local-agent/emulated-run';
import { renewalAt, withRenewal } from '#pat/renewal-tag';
import { storeMark } from '../../tasks/common/stores/store.js';
import { patsOf } from './pats.js';

/** The run that the local agent stands for: a job of it was lost, and left a PAT. */
export const RUN = 4711;

/** What a run of the local agent in the furnished organization has: nothing that belongs to one run alone. */
export interface World {
  readonly organization: string;
  /** All of the emulator. */
  readonly organizations: readonly string[];
  readonly mode: SignInMode;
  readonly project: { readonly id: string; readonly name: string };
}

const WEEK = 7 * 24 * 3_600_000;

/** Names that pipelines of the examples use. */
export const names = {
  group: 'deploy',
  feedConnection: 'Azure Artifacts',
  secret: 'dashboard-pat',
  repository: { project: 'Shop', name: 'catalog' },
} as const;

/**
 * Furnishes an emulator so that every example finds what it names: in the first organization a variable group, service
 * connections, a key vault, runs, another repository, and 40 PATs of the issuing user with orphans among them; a few in
 * the others.
 */
export function furnish(
  emulator: Emulator,
  organizations: readonly string[] = ['contoso', 'fabrikam'],
  mode: SignInMode = 'refresh-token',
): World {
  const [organization = '', ...others] = organizations;
  const given = emulatedRun(emulator, allowed(organizations), mode, organization).serviceConnections;
  const issuer = given?.[issuerConnectionName];
  if (issuer === undefined) throw new Error('A run of the emulator has no PAT issuer.');
  const { organization: place } = emulator.connections.add({
    ...(issuer.id === undefined ? {} : { id: issuer.id }),
    organization,
    name: issuerConnectionName,
    type: 'jobPatIssuer',
    url: issuer.url,
    scheme: issuer.scheme,
    // Signed in a week ago.
    description: withRenewal('Issues the PATs of jobs', renewalAt(new Date(Date.now() - WEEK), '0000aaaa')),
    parameters: issuer.parameters,
    data: issuer.data ?? {},
  });
  const { project } = place;

  const group = emulator.variableGroups.add({
    organization,
    name: names.group,
    description: 'For deployments',
  });
  const mark = storeMark(`variablegroup/${organization}/${group.id}/git_pat`);
  const [mirror] = emulator.pats.seed(
    patsOf(emulator, { organization, projectId: project.id, run: RUN, mark }),
  );
  group.variables = {
    URL: { value: 'https://shop.example' },
    PASSWORD: { value: 'a secret of somebody else', isSecret: true },
    GIT_PAT: { value: mirror?.value ?? '', isSecret: true },
    'GIT_PAT.authorizationId': { value: mirror?.authorizationId ?? '' },
  };
  emulator.connections.add({
    organization,
    name: names.feedConnection,
    type: 'externalnpmregistry',
    url: emulator.npmRegistryUrl(organization),
    parameters: { apitoken: 'a PAT that somebody pasted' },
  });
  emulator.keyVault.set(names.secret, { value: 'a PAT that somebody pasted' });
  emulator.repositories.add(organization, { ...names.repository });
  for (const other of others) emulator.pats.seed(patsOfAnother(other));
  return { organization, organizations, mode, project };
}

function allowed(organizations: readonly string[]): Readonly<Record<string, string>> {
  return { allowedOrganizations: organizations.join(' ') };
}

function patsOfAnother(organization: string) {
  return ['Laptop', 'Package feed'].map(displayName => ({
    organization,
    displayName,
    scope: 'vso.packaging',
  }));
}
