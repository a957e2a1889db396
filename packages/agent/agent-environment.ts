import { asText, parseJson } from '#text/json';

/**
 * What has to be done to the environment before azure-pipelines-task-lib loads. Import this module first.
 *
 * Secrets are taken out: the library's getters print what they return as debug lines, and it would keep secrets under a
 * key file in the temp folder of the job. Its debug lines are switched off unless System.Debug is on. And certificates are
 * verified even where a variable of the pipeline tells Node not to.
 */
Reflect.deleteProperty(process.env, 'NODE_TLS_REJECT_UNAUTHORIZED');
process.env['DISTRIBUTEDTASK_TASKS_NODE_SKIPDEBUGLOGSWHENDEBUGMODEOFF'] = 'true';

const SECRETS =
  /^(SECRET_|ENDPOINT_AUTH_|SECUREFILE_TICKET_|VSTS_TASKVARIABLE_JOBPAT_ENTRATOKEN$|INPUT_[A-Z]*TOKEN$)/i;

const taken = new Map<string, string>();
for (const [name, value] of Object.entries(process.env)) {
  if (value === undefined || value === '' || !SECRETS.test(name)) continue;
  taken.set(spelled(name), value);
  Reflect.deleteProperty(process.env, name);
}

/** The names of the job's variables as they were set; the library takes these lists away. Undefined: none can be read. */
const lists = {
  public: readNames('VSTS_PUBLIC_VARIABLES'),
  secret: readNames('VSTS_SECRET_VARIABLES'),
};

/** The library throws where a list is no list, before anybody could say what is wrong. */
function readNames(list: string): readonly string[] | undefined {
  const text = process.env[list] ?? '';
  const names: unknown = text === '' ? [] : parseJson(text);
  if (Array.isArray(names)) return names.flatMap(name => asText(name) ?? []);
  Reflect.deleteProperty(process.env, list);
  return undefined;
}

/** Whether the agent told the names of the job's variables in a form that can be read. */
export function tellsVariables(): boolean {
  return lists.public !== undefined && lists.secret !== undefined;
}

/** The names of the job's variables, as they were set: `Build.BuildId`. */
export function variablesOfJob(kind: 'public' | 'secret'): readonly string[] {
  return lists[kind] ?? [];
}

/** The secret that stood in this environment variable; empty when there was none. */
export function secretFromEnvironment(name: string): string {
  return taken.get(spelled(name)) ?? '';
}

/** Windows does not tell names apart by case; elsewhere a name in another case is another name, and not ours. */
function spelled(name: string): string {
  return process.platform === 'win32' ? name.toUpperCase() : name;
}

/** The agent's spelling of a name in the environment: `Agent.ProxyPassword` is `AGENT_PROXYPASSWORD`. */
export function environmentName(name: string): string {
  return name.replace(/[. ]/g, '_').toUpperCase();
}
