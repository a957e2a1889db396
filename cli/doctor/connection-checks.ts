import { retryFor } from '#agent/effects';
import { organizationAt, sameOrganization, type Organization } from '#azure-devops/organization';
import { AzureDevOpsClient } from '#azure-devops/client';
import { basic, bearer } from '#azure-devops/identity';
import { UserPats } from '#pat/user-pats';
import { withTemporaryPat } from '#pat/temporary-pat';
import { descriptionsOf } from '#azure-devops/edit-connection';
import { endOf, lastRenewal } from '#pat/renewal-tag';
import { serviceConnections, type FoundConnection } from '#azure-devops/service-connections';
import { asFailure, Failure } from '#advice/failure';
import { asObject, asText } from '#text/json';
import { DAY, formatMoment } from '#text/lifetime';
import { sanitize } from '#text/sanitize';
import { findProject } from '../connect/projects.js';
import { ISSUER_TYPE } from '../connect/connection-fields.js';
import { readOrganizationId } from '../connect/expected-credential.js';
import { countOf } from '#text/count';
import type { TerminalEffects } from '../effects.js';
import { REQUEST_BUDGET } from '../sign-in/sign-in.js';
import { ceilingChecks } from './ceiling-checks.js';
import { failed, ok, warn, type Check } from './check.js';
import type { ConnectionPlace } from './connection-place.js';
import { isOfAgentUser, proofChecks } from './proof-checks.js';

/** Reads the service connection, as far as the user may, with a PAT of five minutes; secrets stay where they are. */
export async function checkConnection(
  place: ConnectionPlace,
  accessToken: string,
  effects: TerminalEffects,
): Promise<Check[]> {
  const { organization, project, name } = place;
  const brief = {
    organization,
    scopes: ['vso.serviceendpoint', 'vso.project'],
    nextName: () => `Job PAT doctor ${effects.nonce()}`,
  };
  try {
    const pats = new UserPats(bearer('issuing-user', accessToken), effects);
    const found = await withTemporaryPat(brief, pats, effects, async pat => {
      const client = new AzureDevOpsClient(basic('pat', pat), organization, effects);
      const policy = retryFor(effects, REQUEST_BUDGET);
      const { name: projectName } = await findProject(project, client, policy);
      const access = { project, who: 'the user who signed in', reader: client, writer: client };
      const connection = await serviceConnections(access).find(name, retryFor(effects, REQUEST_BUDGET));
      return connection && { connection, projectName };
    });
    if (found === undefined) {
      return [
        failed(
          'connection',
          new Failure(
            'connection-not-usable',
            `Project ${sanitize(project, 80)} shows no service connection "${sanitize(name, 80)}" to this user.`,
            'Make it with "job-pat connect", or check --project and --name.',
          ),
        ),
      ];
    }
    const { connection, projectName } = found;
    const organizationId = await organizationIdFor(connection, organization, accessToken, effects);
    return judged(connection, { ...place, project: projectName }, organizationId, effects);
  } catch (error) {
    const unknown = asFailure(error).topic === 'project-not-found';
    return [failed('connection', error, unknown ? 'fail' : 'warn')];
  }
}

/** Only the subject of an OIDC token needs it. */
async function organizationIdFor(
  { raw, scheme }: FoundConnection,
  organization: Organization,
  accessToken: string,
  effects: TerminalEffects,
): Promise<string | undefined> {
  const proof = asText(asObject(raw.data)?.['clientProof']) ?? '';
  if (proof === '' && scheme.toLowerCase() !== 'none') return undefined;
  return readOrganizationId(organization, accessToken, effects);
}

function judged(
  found: FoundConnection,
  place: ConnectionPlace,
  organizationId: string | undefined,
  { clock }: TerminalEffects,
): Check[] {
  const { organization, clientId } = place;
  const name = sanitize(found.name, 80);
  if (found.type.toLowerCase() !== ISSUER_TYPE.toLowerCase()) {
    return [
      failed(
        'connection',
        new Failure(
          'connection-of-another-type',
          `Service connection "${name}" is of type ${sanitize(found.type, 60)}.`,
          'Name one of type "Azure DevOps PAT issuer" with --name.',
        ),
      ),
    ];
  }
  const data = asObject(found.raw.data) ?? {};
  const field = (key: string) => sanitize(asText(data[key]) ?? '', 300);
  const home = organizationAt(asText(found.raw.url) ?? '');
  const checks: Check[] = [];
  if (home === undefined || !sameOrganization(home, organization)) {
    checks.push(
      warn(
        'connection',
        `"${name}" belongs to ${sanitize(asText(found.raw.url) ?? 'no organization', 200)}, not to ${organization.url}`,
        'Run "job-pat connect" again to put that right.',
      ),
    );
  } else if (clientId !== undefined && field('clientId').toLowerCase() !== clientId.toLowerCase()) {
    checks.push(
      warn(
        'connection',
        `"${name}" uses application ${field('clientId')}, not ${clientId}`,
        'Check --client-id, or run "job-pat connect" again.',
      ),
    );
  } else checks.push(ok('connection', `"${name}" is of the right type, for ${organization.name}`));
  checks.push(...ceilingChecks(data, home ?? organization));
  checks.push(...proofChecks(found, place, organizationId));
  if (!isOfAgentUser(found)) checks.push(ageCheck(found, place, clock.now()));
  return checks;
}

/** A refresh token lives 90 days; there should be time to notice that nobody renews it. */
const OLD = 60 * DAY;

function ageCheck(found: FoundConnection, { project }: ConnectionPlace, now: Date): Check {
  const renewal = lastRenewal(descriptionsOf(found.raw, project), now);
  if (renewal === undefined) {
    return warn(
      'age',
      'the connection does not tell when its refresh token was issued',
      'Renew it on a schedule with RenewPatIssuer@1, or run "job-pat connect" again.',
    );
  }
  const age = now.getTime() - renewal.at.getTime();
  const text = `the stored refresh token is ${countOf(Math.max(0, Math.floor(age / DAY)), 'day')} old; it ends ${formatMoment(endOf(renewal))} at the latest`;
  if (now >= endOf(renewal))
    return failed('age', new Failure('connection-not-usable', `${text}.`, 'Run "job-pat connect" again.'));
  return age < OLD
    ? ok('age', text)
    : warn('age', text, 'Renew it on a schedule with RenewPatIssuer@1, or run "job-pat connect" again.');
}
