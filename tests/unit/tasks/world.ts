import nock from 'nock';
import assert from 'node:assert/strict';
import type { Clock } from '#http/clock';
import type { Effects } from '#agent/effects';
import { Failure, type FailureTopic } from '#advice/failure';
import { httpClient } from '#http/http-client';
import { destinationsOf } from '../../../tasks/common/inputs/destinations.js';
import { HttpFault, type Http } from '#http/http';
import { defaultInputs, MemoryAgent, type AgentState, type Event } from './memory-agent.js';
import { PatService } from './pat-service.js';

export const START = new Date('2026-03-01T10:00:00Z');
export const REFRESH_TOKEN = '0.AXk-the-refresh-token-of-the-issuing-user';

/** Time that passes only while somebody waits. */
export class ManualClock implements Clock {
  readonly waits: number[] = [];
  #now = START.getTime();
  readonly #events: Event[];

  constructor(events: Event[]) {
    this.#events = events;
  }

  now(): Date {
    return new Date(this.#now);
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  wait(milliseconds: number): Promise<void> {
    this.waits.push(milliseconds);
    this.#events.push({ kind: 'wait', milliseconds });
    this.pass(milliseconds);
    return Promise.resolve();
  }
}

/** One stage of a step: its agent, its time and the way out, with the real HTTP client. */
export class World {
  readonly clock: ManualClock;
  readonly effects: Effects;
  readonly #cancelled = new AbortController();

  constructor(
    readonly agent: MemoryAgent,
    readonly service: PatService,
    private readonly nonce: () => string = nonces(),
  ) {
    this.clock = new ManualClock(agent.events);
    const cleanup: Effects = {
      agent,
      clock: this.clock,
      http: this.#http(new AbortController().signal),
      nonce,
      get cleanup() {
        return cleanup;
      },
    };
    this.effects = { ...cleanup, http: this.#http(this.#cancelled.signal), cleanup };
  }

  /** The agent tells this stage to stop. */
  cancel(): void {
    this.#cancelled.abort();
  }

  /** The effects without the transport: requests go straight to the service, unless the step was told to stop. */
  direct(): Effects {
    const { agent, clock, service, nonce } = this;
    const cleanup: Effects = { agent, clock, nonce, http: service.http, cleanup: this.effects.cleanup };
    const http: Http = async request => {
      const answer = await service.http(request);
      if (this.#cancelled.signal.aborted) throw new HttpFault('cancelled', 'The step was told to stop.');
      return answer;
    };
    return { ...cleanup, http, cleanup: { ...cleanup, cleanup } };
  }

  /** The post-job stage, or another attempt, of the same step at the same service. */
  laterStage(): World {
    const later = new World(this.agent.laterStage(), this.service, this.nonce);
    later.clock.pass(this.clock.now().getTime() - START.getTime());
    return later;
  }

  /** What the log shows of each event, in order, for what a test picks. */
  story(pick: (event: Event) => string | undefined): string[] {
    return this.agent.events.flatMap(event => pick(event) ?? []);
  }

  #http(cancelled: AbortSignal): Http {
    const network = { userAgent: 'JobPat/0.0.0 (IssuePat)', proxy: undefined, certificates: undefined };
    const send = httpClient(network, destinationsOf(this.agent), cancelled);
    const { events } = this.agent;
    return async request => {
      events.push({ kind: 'request', method: request.method, url: request.url });
      try {
        const answer = await send(request);
        events.push({ kind: 'answer', status: answer.status });
        return answer;
      } catch (error) {
        events.push({ kind: 'answer', status: error instanceof HttpFault ? error.kind : 'error' });
        throw error;
      }
    };
  }
}

export const connection = {
  url: 'https://dev.azure.com/contoso',
  fields: {
    tenantId: '11111111-2222-4333-8444-555555555555',
    clientId: '66666666-7777-4888-8999-000000000000',
  },
  secrets: { apitoken: REFRESH_TOKEN },
};

const run = {
  'System.HostType': 'build',
  'System.TeamFoundationCollectionUri': 'https://dev.azure.com/contoso/',
  'System.TeamProjectId': 'abababab-1212-4343-8565-787878787878',
  'System.JobId': '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
  'Build.BuildId': '4711',
  'Build.BuildNumber': '20260301.1',
  'Build.DefinitionName': 'Nightly mirror',
};

/** A step with its inputs over the defaults of task.json, and a service connection `issuer` with fields over the usual. */
export interface Step {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly taskVariables?: Readonly<Record<string, string>>;
}

export function agentState(step: Step = {}): AgentState {
  return {
    inputs: { ...defaultInputs(), patIssuer: 'issuer', scopes: 'vso.code', ...step.inputs },
    variables: { ...run, ...step.variables },
    connections: {
      issuer: {
        url: step.url ?? connection.url,
        fields: { ...connection.fields, ...step.fields },
        secrets: { ...connection.secrets, ...step.secrets },
      },
    },
    taskVariables: step.taskVariables ?? {},
  };
}

/** The main stage of a step; a second step of a test gets the service of the first. */
export function mainStage(step: Step = {}, service = new PatService()): World {
  return new World(new MemoryAgent(agentState(step)), service);
}

/** Nothing leaves this machine, and no test sees the interceptors of another. Call it in `describe`. */
export function withoutNetwork(): void {
  beforeEach(() => {
    nock.disableNetConnect();
  });
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });
}

/** The Failure that the work ends with. */
export async function failureOf(work: () => unknown, topic?: FailureTopic): Promise<Failure> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof Failure, `a Failure, not ${String(error)}`);
    if (topic !== undefined) assert.equal(error.topic, topic, error.message);
    return error;
  }
  return assert.fail('it succeeded');
}

function nonces(): () => string {
  let count = 0;
  return () => (++count).toString(16).padStart(8, '0');
}
