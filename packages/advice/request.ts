/** What can be wrong with a request or its answer, whoever asked. */
export const requestCodes = [
  'certificate',
  'proxy',
  /** Proxy or certificates that cannot be used at all. */
  'proxy-settings',
  'unreachable',
  'answer-too-large',
  'not-json',
  /** JSON, but not what the interface promises. */
  'answer-not-usable',
  'list-without-end',
  'not-revoked',
  'pat-not-accepted',
  /** Shorter than asked for. */
  'lifetime-shortened',
  /** With fewer scopes than asked for. */
  'scopes-missing',
  /** The time for what was asked for was over before it could be asked. */
  'out-of-time',
  /** An error that nobody foresaw. */
  'unexpected',
] as const;

export type RequestCode = (typeof requestCodes)[number];

const IN_BETWEEN = 'Something between the agent and the service answers in its place; check the proxy.';

export const REQUEST_ADVICE: Readonly<Record<RequestCode, string>> = {
  certificate:
    'Give the agent your CA with --sslcacert. Job PAT never skips this check, also not with --sslskipcertvalidation.',
  proxy: 'Check --proxyurl, --proxyusername, --proxypassword and .proxybypass of the agent.',
  'proxy-settings': 'Check --proxyurl, the .proxybypass file and --sslcacert of the agent.',
  unreachable:
    'Check the network of the agent: name resolution, firewall, and the proxy it was configured with.',
  'answer-too-large': IN_BETWEEN,
  'not-json': IN_BETWEEN,
  'answer-not-usable':
    'Something between the agent and Azure DevOps may answer in its place; check the proxy, else report this.',
  'list-without-end': 'Report this with the number of PATs that the issuing user has.',
  'not-revoked': 'Revoke it by hand in the user settings of the issuing user, Personal access tokens.',
  'pat-not-accepted':
    'Job PAT does not hand it out, and revokes it. Check the policies of the organization, such as Conditional Access by address. To issue without this check set verify: false.',
  'lifetime-shortened':
    'The policy "Enforce maximum personal access token lifespan" of the tenant does that; ask for a shorter validFor, or ask an administrator.',
  'scopes-missing': 'A policy of the organization or the rights of the issuing user forbid it.',
  'out-of-time': 'Look at the lines above for what took so long.',
  unexpected: 'Run again with System.Debug set to true and report the log of this step.',
};
