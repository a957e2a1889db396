import { environmentName, secretFromEnvironment } from './agent-environment.js';
import * as tl from 'azure-pipelines-task-lib/task.js';
import type { Agent, ServiceConnection, TaskResult } from './agent.js';
import { Failure } from '../text/failure.js';
import type { AgentNetwork } from '../http/http-client.js';
import { asText, parseJson } from '../text/json.js';
import { rememberSecret, withoutSecrets } from '../text/known-secrets.js';
import { defused } from '../text/outside-text.js';
import { secretForms } from '../text/secret-forms.js';

/** The agent of Azure Pipelines, spoken to through azure-pipelines-task-lib. */
export const taskLibAgent: Agent = {
  input: name => (tl.getInput(name) ?? '').trim(),
  secretInput: name => concealedSecret(`INPUT_${environmentName(name)}`),
  variable: name => tl.getVariable(name),
  connection: id => readConnection(id),

  jobToken: () => concealedSecret('ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN'),

  taskVariable: name => tl.getTaskVariable(name),
  secretTaskVariable: name => concealedSecret(`VSTS_TASKVARIABLE_${environmentName(name)}`),
  async setTaskVariable(name, value) {
    tl.setTaskVariable(name, value);
    await flushed();
  },
  async setSecretTaskVariable(name, value) {
    tl.setTaskVariable(name, value, true);
    await flushed();
  },

  conceal(secret) {
    for (const form of secretForms(secret)) {
      if (rememberSecret(form)) tl.setSecret(form);
    }
  },
  setSecretVariable(name, value) {
    tl.setVariable(name, value, true);
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

/** Ends the step. The message becomes an issue of the run when the step does not simply succeed. */
export async function complete(result: TaskResult, message: string): Promise<void> {
  tl.setResult(tl.TaskResult[result], printable(message));
  await flushed();
}

/**
 * The proxy and the certificates that the agent was configured with.
 * @throws Failure `proxy-not-usable`
 */
export function agentNetwork(userAgent: string): AgentNetwork {
  const proxyUrl = tl.getVariable('Agent.ProxyUrl') ?? '';
  const username = tl.getVariable('Agent.ProxyUsername') ?? '';
  const caFile = tl.getVariable('Agent.CAInfo') ?? '';
  const certFile = tl.getVariable('Agent.ClientCert') ?? '';
  return {
    userAgent,
    proxy:
      proxyUrl === ''
        ? undefined
        : {
            proxyUrl: checkedProxyUrl(proxyUrl),
            proxyBypassHosts: bypassList(tl.getVariable('Agent.ProxyBypassList') ?? ''),
            ...(username === ''
              ? {}
              : { proxyUsername: username, proxyPassword: concealedSecret('SECRET_AGENT_PROXYPASSWORD') }),
          },
    certificates:
      caFile === '' && certFile === ''
        ? undefined
        : {
            caFile,
            ...(certFile === ''
              ? {}
              : {
                  certFile,
                  keyFile: tl.getVariable('Agent.ClientCertKey') ?? '',
                  passphrase: concealedSecret('SECRET_AGENT_CLIENTCERTPASSWORD'),
                }),
          },
  };
}

function readConnection(id: string): ServiceConnection | undefined {
  const url = tl.getEndpointUrl(id, true);
  if (url === undefined || url === '') return undefined;
  const parameter = (name: string) =>
    secretFromEnvironment(`ENDPOINT_AUTH_PARAMETER_${id}_${environmentName(name)}`);
  return {
    id,
    url: url.trim(),
    // Named ENDPOINT_AUTH_ like the secrets, it was taken out of the environment with them.
    scheme: secretFromEnvironment(`ENDPOINT_AUTH_SCHEME_${id}`).trim(),
    field: name => (dataOf(id, name) || parameter(name)).trim(),
    secret(name) {
      const value = (parameter(name) || dataOf(id, name)).trim();
      return concealAndReturn(value);
    },
  };
}

/** task-lib's types promise a text; it gives undefined for a field that is not there. */
function dataOf(id: string, name: string): string {
  const value: string | undefined = tl.getEndpointDataParameter(id, name, true);
  return value ?? '';
}

function concealedSecret(environmentVariable: string): string {
  return concealAndReturn(secretFromEnvironment(environmentVariable).trim());
}

/** A secret of several lines is masked line by line, since the masker looks at lines. */
function concealAndReturn(value: string): string {
  for (const line of value.split(/[\r\n]+/)) if (line !== '') taskLibAgent.conceal(line);
  return value;
}

function printable(text: string): string {
  return defused(withoutSecrets(text).replace(/\r\n?/g, '\n'));
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

function checkedProxyUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new Failure(
    'proxy-not-usable',
    'Agent.ProxyUrl is not the URL of a proxy.',
    'Check --proxyurl of the agent.',
  );
}

function bypassList(json: string): string[] {
  const list = json === '' ? [] : parseJson(json);
  return Array.isArray(list) ? list.flatMap(entry => asText(entry) ?? []) : [];
}
