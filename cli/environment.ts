/**
 * What has to be done to the environment before anything else loads. Import this module first.
 * Secrets are taken out, so that nothing started from here inherits them; certificates are verified even where a
 * variable tells Node not to.
 */
Reflect.deleteProperty(process.env, 'NODE_TLS_REJECT_UNAUTHORIZED');

/** Variables that may hold a secret for this tool. */
export const secretVariables = {
  entraToken: 'JOB_PAT_ENTRA_TOKEN',
  refreshToken: 'JOB_PAT_REFRESH_TOKEN',
  clientSecret: 'JOB_PAT_CLIENT_SECRET',
} as const;

export type SecretName = keyof typeof secretVariables;

const taken = new Map<string, string>();
for (const name of Object.values(secretVariables)) {
  const value = process.env[name]?.trim() ?? '';
  if (value !== '') taken.set(name, value);
  Reflect.deleteProperty(process.env, name);
}

/** The secret that stood in the environment; empty when there was none. */
export function secretFromEnvironment(name: SecretName): string {
  return taken.get(secretVariables[name]) ?? '';
}
