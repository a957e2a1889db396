import { bearer } from '#azure-devops/identity';
import { organizationAt, type Organization } from '#azure-devops/organization';
import { RunApi } from '#azure-devops/run-api';
import { HttpFault, type Http } from '#http/http';
import { MemoryAgent } from '../tasks/memory-agent.js';
import { agentState, ManualClock, START } from '../tasks/world.js';

export const PROJECT = 'abababab-1212-4343-8565-787878787878';

export function organization(name: string): Organization {
  const found = organizationAt(`https://dev.azure.com/${name}`);
  if (found === undefined) throw new Error(`${name} is no organization.`);
  return found;
}

/** What comes back: a value with 200, an answer with all its parts, or nothing because the step was told to stop. */
export type Told =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | 'cancelled'
  | object;

const isAnswer = (
  told: object,
): told is { status: number; headers?: Record<string, string>; body?: unknown } =>
  'status' in told && typeof told.status === 'number';

/** The Build and Release APIs as a client is answered by them. @param answer to a path with its query, from the project on */
export function runServices(answer: (path: string, url: URL) => Told | undefined) {
  const agent = new MemoryAgent(agentState());
  const clock = new ManualClock(agent.events);
  const asked: URL[] = [];
  const http: Http = ({ url: text }) => {
    const url = new URL(text);
    asked.push(url);
    const path = decodeURIComponent(url.pathname).split('/_apis/')[1] ?? '';
    const told = answer(path, url) ?? RUN_UNKNOWN;
    if (told === 'cancelled') return Promise.reject(new HttpFault('cancelled', 'stopped'));
    const { status, headers = {}, body } = isAnswer(told) ? told : { status: 200, body: told };
    const content = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    const type = { 'content-type': 'application/json', ...headers };
    return Promise.resolve({ status, headers: type, body: content });
  };
  const until = new Date(START.getTime() + 3_600_000);
  const api = new RunApi(bearer('job', 'token'), { http, clock }, { clock, log: agent, until });
  return { api, asked, clock, agent };
}

export function refusal(status: number, typeKey: string, message = 'No.'): Told {
  return { status, body: { message, typeKey, typeName: typeKey } };
}

export const RUN_UNKNOWN = refusal(404, 'BuildNotFoundException', 'The requested build could not be found.');
export const PROJECT_UNKNOWN = refusal(
  404,
  'ProjectDoesNotExistWithNameException',
  'TF200016: The following project does not exist: x.',
);
