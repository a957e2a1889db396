import { organizationAt } from '#azure-devops/organization';
import { readJobPatName } from '#pat/run-name';

/** A PAT that a step is to revoke. */
export interface PatToRevoke {
  readonly authorizationId: string;
  readonly organization: string;
  readonly displayName: string;
  /** The sign-in name of its user, for an administrator; undefined: it belongs to the issuing user. */
  readonly user: string | undefined;
}

/**
 * The step of RevokePat@1 that ends this PAT, to be copied into a pipeline. Texts from outside stand in it only where
 * they can be nothing but a name: the step is run.
 */
export function revokeStep({ authorizationId, organization, displayName, user }: PatToRevoke): string {
  const whose =
    user === undefined
      ? ['patIssuer: PAT issuer']
      : [
          'as: administrator',
          'adminToken: $(adminToken)',
          `user: ${word(plainName(user) ?? 'sign-in name of its user')}`,
        ];
  // Without it a PAT that is not named like one of a job stays. An administrator needs it not.
  const foreign = user === undefined && readJobPatName(displayName) === undefined;
  return [
    '- task: RevokePat@1',
    '  inputs:',
    ...[
      ...whose,
      `organization: ${word(organizationName(organization) ?? 'name of the organization')}`,
      'what: ids',
      `authorizationIds: ${authorizationId}`,
      ...(foreign ? ['includeForeign: true'] : []),
    ].map(line => `    ${line}`),
    '',
  ].join('\n');
}

/** Where a person sees their own PATs of an organization; undefined for what is no name of one. */
export function tokenPage(organization: string): string | undefined {
  const name = organizationName(organization);
  return name === undefined ? undefined : `https://dev.azure.com/${name}/_usersSettings/tokens`;
}

function organizationName(text: string): string | undefined {
  return organizationAt(`https://dev.azure.com/${text}`)?.name;
}

function plainName(text: string): string | undefined {
  return /^[A-Za-z0-9][\w.+-]*(?:@[\w.-]+)?$/.test(text) ? text : undefined;
}

/** YAML takes some words and what begins like a number for something else than a text. */
function word(text: string): string {
  return /^(?!(?:true|false|yes|no|on|off|null|y|n)$)[a-z]/i.test(text) ? text : `'${text}'`;
}
