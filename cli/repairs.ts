import { Failure, type FailureTopic } from '../tasks/common/text/failure.js';

/** The tasks send a reader to the agent's settings; at a terminal there is no agent. */
const NETWORK: Partial<Record<FailureTopic, string>> = {
  'proxy-not-usable': 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.',
  'service-unreachable':
    'Check the network of this machine: name resolution, firewall, and the proxy in HTTPS_PROXY.',
  'organization-not-found': 'Check --organization.',
  unexpected: 'Run again with --debug and report what it prints.',
};

const CERTIFICATE =
  'Name a file with your CA in NODE_EXTRA_CA_CERTS. Job PAT never skips this check, also not with NODE_TLS_REJECT_UNAUTHORIZED.';

/** What Entra's codes ask of somebody who is signing in, where it differs from what they ask of a pipeline. */
const SIGNING_IN: Readonly<Record<string, string>> = {
  '7000218':
    'The application wants a client secret: give --client-secret, or switch on "Allow public client flows".',
  '700025': 'This is a public client, which has no secret: leave --client-secret away.',
  '7000215': 'The client secret is wrong: give its value, not its id.',
  '7000222': 'The client secret has expired: make a new one.',
  '700016': 'The application is not known in this tenant: check --client-id and --tenant.',
  '90002': 'The tenant is not known: check --tenant.',
  '900023': 'The tenant is not known: check --tenant.',
  '700082': 'The refresh token has expired, 90 days after it was issued: run "job-pat connect" again.',
  '70008': 'The refresh token has expired, 90 days after it was issued: run "job-pat connect" again.',
  '50173': 'The refresh token is not valid any more: run "job-pat connect" again.',
  '70000': 'The refresh token is not valid: run "job-pat connect" again.',
};

/** The same failure, with the repair for a person at a terminal. */
export function atTerminal(failure: Failure): Failure {
  const { topic, what } = failure;
  return new Failure(topic, what.replace("The agent's proxy", 'The proxy'), repairOf(failure), {
    cause: failure.cause,
  });
}

function repairOf({ topic, what, repair }: Failure): string {
  if (topic === 'service-unreachable' && what.startsWith('The certificate')) return CERTIFICATE;
  const code = topic === 'entra-refused' ? /AADSTS(\d+)/.exec(what)?.[1] : undefined;
  const known = code === undefined ? undefined : SIGNING_IN[code];
  return (
    known ??
    NETWORK[topic] ??
    repair
      .replaceAll('of this agent', 'of this machine')
      .replaceAll('between the agent and', 'between this machine and')
      .replace(
        /^Check tenantId, clientId and the refresh token in the service connection\.$/,
        'Check --tenant, --client-id and the refresh token.',
      )
  );
}
