import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentName, tellsVariables, variablesOfJob } from './agent-environment.js';
import { Failure } from '#advice/failure';
import { asObject, asText, objectsOf, parseJson } from '#text/json';

/**
 * Variables of the job by the names they were set with. In the environment they stand beside what the agent hands over: a
 * variable `Input.Scopes` is written as `INPUT_SCOPES`, and until agent 5.277 it wins over the input.
 */
function allVariables(): readonly string[] {
  return [...variablesOfJob('public'), ...variablesOfJob('secret')];
}

/** What the agent writes for a connection, a secure file or an earlier stage of the step; and its lists of variables. */
const HANDED_OVER =
  /^(ENDPOINT_(URL|AUTH|DATA)_|SECUREFILE_(NAME|TICKET)_|VSTS_TASKVARIABLE_|VSTS_(PUBLIC|SECRET)_VARIABLES$|SECRET_(AGENT|SYSTEM)_)/;

/** What makes Node.js, or the loader before it, run other code, trust others or tell more than it should. */
const STEERS_NODE =
  /^(NODE_(OPTIONS|PATH|EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED|USE_(SYSTEM_CA|OPENSSL_CA|BUNDLED_CA|ENV_PROXY)|REPL_EXTERNAL_MODULE|V8_COVERAGE|REDIRECT_WARNINGS|COMPILE_CACHE|ICU_DATA|DEBUG|DEBUG_NATIVE)|NODE_TLS_.*|SSL_CERT_(FILE|DIR)|SSLKEYLOGFILE|OPENSSL_(CONF|CONF_INCLUDE|MODULES|ENGINES|ia32cap)|LD_(PRELOAD|AUDIT|LIBRARY_PATH|DEBUG_OUTPUT|PROFILE|ORIGIN_PATH)|DYLD_.*|GCONV_PATH|GLIBC_TUNABLES|TASKLIB_INPROC_UNITS)$/i;

/** Variables of the agent that a task reads, by their own names; another name that is written alike stands in their place. */
const OF_THE_AGENT = new Set(
  `agent.proxyurl agent.proxyusername agent.proxybypasslist agent.cainfo agent.clientcert agent.clientcertkey
  agent.tempdirectory system.collectionuri system.teamfoundationcollectionuri system.oidcrequesturi system.hosttype
  system.teamproject system.teamprojectid system.jobid build.buildid release.releaseid`.split(/\s+/),
);
const WRITTEN_LIKE_THEM = new Set([...OF_THE_AGENT].map(environmentName));

/** Variables that stand in the place of something else, by their real names; each once. */
function foreignVariables(): {
  /** Of an input, a connection, a secret, a secure file, a task variable or a variable of the agent. */
  readonly shadowing: readonly string[];
  /** Of a setting of Node.js or of the loader. */
  readonly steering: readonly string[];
} {
  const names = [...new Set(allVariables())];
  const secrets = new Set(variablesOfJob('secret').map(name => `SECRET_${environmentName(name)}`));
  const isShadowing = (name: string) => {
    const mangled = environmentName(name);
    if (HANDED_OVER.test(mangled)) return true;
    if (WRITTEN_LIKE_THEM.has(mangled)) return !OF_THE_AGENT.has(name.toLowerCase());
    if (mangled.startsWith('SECRET_')) return secrets.has(mangled);
    return mangled.startsWith('INPUT_') && inputsOfTask().has(mangled);
  };
  return {
    shadowing: names.filter(isShadowing),
    steering: names.filter(name => STEERS_NODE.test(environmentName(name))),
  };
}

/**
 * Whether a variable of the job stands, or may stand, in this very place of the environment. Windows does not tell names
 * apart by case.
 */
export function isShadowed(environmentVariable: string): boolean {
  const isSame = (name: string) =>
    process.platform === 'win32'
      ? name.toUpperCase() === environmentVariable.toUpperCase()
      : name === environmentVariable;
  return allVariables().some(name => isSame(environmentName(name)) || isSame(name.replace(/[. ]/g, '_')));
}

/** @throws Failure `variable-refused` naming every variable that stands in a foreign place */
export function refuseForeignVariables(): void {
  if (!tellsVariables()) {
    throw new Failure(
      'variable-refused',
      'The names of the variables of this job (VSTS_PUBLIC_VARIABLES and VSTS_SECRET_VARIABLES) cannot be read, so that nobody can tell what stands in the place of what the agent hands to this step.',
      'Nothing was requested. Update the agent.',
    );
  }
  const { shadowing, steering } = foreignVariables();
  const parts = [
    ...(shadowing.length === 0
      ? []
      : [`${quoted(shadowing)}, which would stand in the place of what the agent hands to this step`]),
    ...(steering.length === 0 ? [] : [`${quoted(steering)}, which changes how Node.js runs this step`]),
  ];
  if (parts.length === 0) return;
  throw new Failure(
    'variable-refused',
    `This job has variables that no step of Job PAT runs with: ${parts.join('; and ')}.`,
    'Nothing was requested. Find out who sets them (a step, the pipeline, a variable group, the run), and remove them or give them other names.',
  );
}

/** Says the same where it is no reason to leave a PAT alive. */
export function foreignVariablesWarning(): string | undefined {
  const { shadowing, steering } = foreignVariables();
  const all = [...shadowing, ...steering];
  return all.length === 0
    ? undefined
    : `This job has ${quoted(all)} among its variables, in the place of what the agent hands to this step. Only what cannot be forged counts now. Find out who sets them.`;
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(name => `"${name.slice(0, 100)}"`);
  return [...shown, ...(names.length > 10 ? [`${names.length - 10} more`] : [])].join(', ');
}

/**
 * The names of this task's inputs in the environment, of the task.json beside the program; read only where a variable looks
 * like one. Without it every such name is one.
 */
function inputsOfTask(): { has(name: string): boolean } {
  try {
    const definition = asObject(parseJson(readFileSync(join(__dirname, 'task.json'), 'utf8')));
    const names = objectsOf(definition?.['inputs']).map(({ name }) => environmentName(asText(name) ?? ''));
    return new Set(names.map(name => `INPUT_${name}`));
  } catch {
    return { has: () => true };
  }
}
