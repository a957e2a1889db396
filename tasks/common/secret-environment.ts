/**
 * Secrets that the agent hands over in the environment, taken out before azure-pipelines-task-lib loads: its getters
 * print what they return as debug lines, and it would keep them under a key file in the job's temp folder.
 * Import this module first.
 */
const SECRETS =
  /^(SECRET_|ENDPOINT_AUTH_|SECUREFILE_TICKET_|VSTS_TASKVARIABLE_JOBPAT_ENTRATOKEN$|INPUT_[A-Z]*TOKEN$)/i;

const taken = new Map<string, string>();
for (const [name, value] of Object.entries(process.env)) {
  if (value === undefined || value === '' || !SECRETS.test(name)) continue;
  taken.set(name.toUpperCase(), value);
  Reflect.deleteProperty(process.env, name);
}

/** The secret that stood in this environment variable; empty when there was none. */
export function secretFromEnvironment(name: string): string {
  return taken.get(name.toUpperCase()) ?? '';
}

/** The agent's spelling of a name in the environment: `Agent.ProxyPassword` is `AGENT_PROXYPASSWORD`. */
export function environmentName(name: string): string {
  return name.replace(/[. ]/g, '_').toUpperCase();
}
