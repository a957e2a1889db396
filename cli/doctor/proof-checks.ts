import { Failure } from '#advice/failure';
import type { FoundConnection } from '#azure-devops/service-connections';
import { asGuid, asObject, asText } from '#text/json';
import { sanitize } from '#text/sanitize';
import { expectedCredential } from '../connect/expected-credential.js';
import { isUpn } from '../connect/sign-in-mode.js';
import { failed, ok, type Check } from './check.js';
import type { ConnectionPlace } from './connection-place.js';

/** What nobody outside a pipeline can try: the OIDC token of a connection is given to its jobs alone. */
const ONLY_A_RUN =
  'only a run shows that Entra takes it: examples/doctor.yml issues a PAT for five minutes and revokes it';

/** Whether jobs sign in as an agent's user, who has no refresh token. */
export function isOfAgentUser({ scheme }: FoundConnection): boolean {
  return scheme.toLowerCase() === 'none';
}

/**
 * How the application behind a connection proves itself.
 *
 * @param organizationId undefined: the organization does not tell
 */
export function proofChecks(
  found: FoundConnection,
  place: ConnectionPlace,
  organizationId: string | undefined,
): Check[] {
  const data = asObject(found.raw.data) ?? {};
  const field = (name: string) => (asText(data[name]) ?? '').trim();
  // Letter by letter, as a job reads it.
  const proof = asText(data['clientProof']) ?? '';
  if (proof !== '' && proof !== 'federation') {
    return [
      unusable(
        `clientProof is ${sanitize(`"${proof}"`, 80)}, which no job understands.`,
        'Run "job-pat connect" again: with --federated it is federation, else it is empty.',
      ),
    ];
  }
  if (!isOfAgentUser(found)) {
    if (proof === '') return [];
    return [
      ok('proof', 'federation: the OIDC token of this connection proves the application, no secret does'),
      credentialCheck(found, place, organizationId, 'application'),
    ];
  }
  const [identity, user] = [field('agentIdentityId'), field('agentUser')];
  const repair = 'Run "job-pat connect --agent-user <user> --agent-identity <id>" again.';
  const faults = [
    ...(asGuid(identity) === undefined
      ? [unusable(`agentIdentityId is "${sanitize(identity, 80)}", which is no id.`, repair)]
      : []),
    ...(asGuid(user) === undefined && !isUpn(user)
      ? [unusable(`agentUser is "${sanitize(user, 80)}", which is neither a UPN nor an object id.`, repair)]
      : []),
  ];
  if (faults.length > 0) return faults;
  return [
    ok('proof', `preview: jobs sign in as the agent's user ${sanitize(user, 128)}; nothing secret is stored`),
    credentialCheck(found, place, organizationId, 'blueprint'),
  ];
}

function credentialCheck(
  { name }: FoundConnection,
  { organization, project }: ConnectionPlace,
  organizationId: string | undefined,
  kind: 'application' | 'blueprint',
): Check {
  if (organizationId === undefined)
    return ok('trust', `a federated credential of the ${kind} has to name this connection; ${ONLY_A_RUN}`);
  const { issuer, subject } = expectedCredential(organizationId, organization, project, name);
  return ok(
    'trust',
    `a federated credential of the ${kind} has to name issuer ${issuer} and subject ${sanitize(subject, 600)}; ${ONLY_A_RUN}`,
  );
}

function unusable(what: string, repair: string): Check {
  return failed('proof', new Failure('connection-not-usable', what, repair));
}
