import { environmentName, secretFromEnvironment, tellsVariables } from './agent-environment.js';
import * as tl from 'azure-pipelines-task-lib/task.js';
import { isShadowed } from './foreign-variables.js';
import type { Agent, TaskResult } from './agent.js';
import type { ServiceConnection } from './service-connection.js';
import { OIDC_REQUEST_URI, settle, type SettledConnection, type StageSettings } from './stage-settings.js';
import { asGuid, asObject, asText, parseJson, type JsonObject } from '#text/json';
import { markFiles } from './mark-files.js';
import { rememberSecret, redact } from '#text/redact';
import { escapeLoggingCommands } from '#text/sanitize';
import { secretEncodings } from '#text/secret-encodings';

/** What the main stage went by, in a post-job stage that has its word for it. */
let reinstated: StageSettings | undefined;

/** The agent of Azure Pipelines, spoken to through azure-pipelines-task-lib. */
export const taskLibAgent: Agent = {
  input(name) {
    const value = (tl.getInput(name) ?? '').trim();
    if (name === 'patIssuer' && reinstated !== undefined) return reinstated.connection?.id ?? '';
    return name === 'patIssuer' && isShadowed('INPUT_PATISSUER') ? (onlyConnection() ?? '') : value;
  },
  inputOfSome: name => (tl.getInput(name) ?? '').trim(),
  secretInput: name =>
    name === 'entraToken' && reinstated?.connection !== undefined
      ? ''
      : maskedSecret(`INPUT_${environmentName(name)}`),
  variable(name) {
    const settled = name === OIDC_REQUEST_URI ? (reinstated?.oidcRequestUri ?? '') : '';
    return settled === '' ? tl.getVariable(name) : settled;
  },
  connection: id => readConnection(id),

  settings() {
    if (reinstated !== undefined) return reinstated;
    const connection = readConnection(taskLibAgent.input('patIssuer'));
    return {
      collection: taskLibAgent.collectionUrl(),
      proxyUrl: undefined,
      connection: undefined,
      ...(connection !== undefined && settle(connection, name => tl.getVariable(name))),
    };
  },
  reinstate(settings) {
    reinstated = settings;
  },
  collectionUrl: () => reinstated?.collection ?? unshadowed(`ENDPOINT_URL_${SYSTEM_CONNECTION}`).trim(),
  carriesJobToken(authorization) {
    const token = jobToken();
    return token !== '' && authorization.includes(token);
  },
  jobToken: () => maskAndReturn(jobToken()),

  taskVariable: name => tl.getTaskVariable(name),
  secretTaskVariable: name => maskedSecret(`VSTS_TASKVARIABLE_${environmentName(name)}`),
  taskVariableMayBeForged: name =>
    !tellsVariables() || isShadowed(`VSTS_TASKVARIABLE_${environmentName(name)}`),
  async setTaskVariable(name, value) {
    tl.setTaskVariable(name, value);
    await flushed();
  },
  async setSecretTaskVariable(name, value) {
    tl.setTaskVariable(name, value, true);
    await flushed();
  },

  mask(secret) {
    // In one piece: a write for each of some hundred lines would take longer than everything else in a step.
    let lines = '';
    for (const form of formsToMask(secret)) {
      if (!rememberSecret(form)) continue;
      if (NEEDS_NO_ESCAPE.test(form)) lines += `##vso[task.setsecret]${form}\n`;
      else tl.setSecret(form);
    }
    if (lines !== '') process.stdout.write(lines);
  },
  marks: markFiles,
  setSecretVariable(name, value) {
    tl.setVariable(name, value, true);
  },
  setJobVariable(name, value, keepsCase = false) {
    // The library would print the value as a debug line first.
    tl.command(
      'task.setvariable',
      { variable: name, issecret: 'false', ...(keepsCase ? { preservecase: 'true' } : {}) },
      value,
    );
  },
  setOutput(name, value) {
    tl.setVariable(name, value, false, true);
  },

  attachSummary(path) {
    tl.uploadSummary(path);
  },
  attach(type, name, path) {
    tl.addAttachment(type, name, path);
  },
  timelineRecord({ type, name, result, detail }) {
    const record = { id: recordId(), type, name: printable(name), order: 1, state: 'Completed', result };
    tl.command('task.logdetail', record, printable(detail));
  },

  info(text) {
    for (const line of printable(text).split('\n')) process.stdout.write(`${line}\n`);
  },
  debug(text) {
    tl.debug(printable(text));
  },
  warning(text) {
    tl.warning(printable(text));
  },
  error(text) {
    tl.error(printable(text));
  },
  progress(percent, text) {
    tl.setProgress(Math.round(Math.min(100, Math.max(0, percent))), printable(text));
  },
};

const SYSTEM_CONNECTION = 'SYSTEMVSSCONNECTION';

/** The masker looks at lines, and the library throws on a secret of several: what comes from outside may be anything. */
function formsToMask(secret: string): string[] {
  if (!/[\r\n]/.test(secret)) return secretEncodings(secret);
  const lines = secret.split(/[\r\n]+/).filter(line => line !== '');
  return [secret, ...lines].flatMap(secretEncodings).filter(form => !/[\r\n]/.test(form));
}

/** Base64 of every kind, which is most of the forms of a secret: a logging command carries it as it is. */
const NEEDS_NO_ESCAPE = /^[A-Za-z0-9+/=_.~-]+$/;

function jobToken(): string {
  const token = asText(parametersOf(SYSTEM_CONNECTION)['AccessToken']) ?? '';
  return (token || secretFromEnvironment(`ENDPOINT_AUTH_PARAMETER_${SYSTEM_CONNECTION}_ACCESSTOKEN`)).trim();
}

/** Ends the step. The message becomes an issue of the run when the step does not simply succeed. */
export async function complete(result: TaskResult, message: string): Promise<void> {
  tl.setResult(tl.TaskResult[result], printable(message));
  await flushed();
}

/**
 * The agent writes each connection twice: whole, as JSON, and field by field. A variable of the pipeline could stand in the
 * place of a single field that the connection leaves empty, so only the whole counts, and its names as they are written.
 */
function readConnection(connectionId: string): ServiceConnection | undefined {
  // The agent writes a GUID in lower case; in upper case a variable could bear the name.
  const id = asGuid(connectionId) ?? connectionId;
  if (reinstated?.connection?.id === id) return settled(reinstated.connection);
  const url = unshadowed(`ENDPOINT_URL_${id}`);
  if (url === '' || isShadowed(`ENDPOINT_DATA_${id}`) || isShadowed(`ENDPOINT_AUTH_${id}`)) return undefined;
  const data = asObject(parseJson(unshadowed(`ENDPOINT_DATA_${id}`))) ?? {};
  const parameters = parametersOf(id);
  const written = (name: string) => textAt(data, name) || textAt(parameters, name);
  return {
    id,
    url: url.trim(),
    scheme: (asText(authorizationOf(id)['scheme']) ?? '').trim(),
    field: name => written(name).trim(),
    written,
    secret: name => maskAndReturn((textAt(parameters, name) || textAt(data, name)).trim()),
  };
}

/**
 * As the main stage found it, with the secrets that stand there now. Should a variable have put them there, they are what
 * its writer knows, and go where the main stage would have sent its own.
 */
function settled({ id, url, scheme, fields }: SettledConnection): ServiceConnection {
  const parameters = parametersOf(id);
  const data = asObject(parseJson(process.env[`ENDPOINT_DATA_${id}`] ?? '')) ?? {};
  return {
    id,
    url,
    scheme: scheme ?? (asText(authorizationOf(id)['scheme']) ?? '').trim(),
    field: name => fields[name] ?? '',
    written: name => fields[name] ?? '',
    secret: name => maskAndReturn((textAt(parameters, name) || textAt(data, name)).trim()),
  };
}

/** What stands there, unless a variable of the job may have put it there: nobody can tell then, and only the post-job is left. */
function unshadowed(environmentVariable: string): string {
  return isShadowed(environmentVariable) ? '' : (process.env[environmentVariable] ?? '');
}

/** The one service connection that the agent released to this step, where a variable stands in the place of the input. */
function onlyConnection(): string | undefined {
  const ids = Object.keys(process.env).flatMap(
    name => asGuid(/^ENDPOINT_URL_([0-9a-f-]{36})$/.exec(name)?.[1]) ?? [],
  );
  return ids.length === 1 ? ids[0] : undefined;
}

/** Named ENDPOINT_AUTH_ like all that holds secrets, it was taken out of the environment. */
function authorizationOf(id: string): JsonObject {
  return asObject(parseJson(secretFromEnvironment(`ENDPOINT_AUTH_${id}`))) ?? {};
}

function parametersOf(id: string): JsonObject {
  return asObject(authorizationOf(id)['parameters']) ?? {};
}

function textAt(fields: JsonObject, name: string): string {
  return Object.hasOwn(fields, name) ? (asText(fields[name]) ?? '') : '';
}

/** The secret that stood in this environment variable, masked before it is returned. */
export function maskedSecret(environmentVariable: string): string {
  return maskAndReturn(secretFromEnvironment(environmentVariable).trim());
}

/** A secret of several lines is masked line by line, since the masker looks at lines. */
function maskAndReturn(value: string): string {
  for (const line of value.split(/[\r\n]+/)) if (line !== '') taskLibAgent.mask(line);
  return value;
}

function printable(text: string): string {
  return escapeLoggingCommands(redact(text).replace(/\r\n?/g, '\n'));
}

/** Tells records apart; nobody needs to know it. `node:crypto` would cost a tenth of the step's start. */
function recordId(): string {
  const hex = () => Math.floor(Math.random() * 16).toString(16);
  return '########-####-4###-a###-############'.replaceAll('#', hex);
}

/** Resolves when everything written so far is with the agent; on Windows pipes are asynchronous. */
function flushed(): Promise<void> {
  return new Promise(resolve => {
    process.stdout.write('', () => {
      resolve();
    });
  });
}
