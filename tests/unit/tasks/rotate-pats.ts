import nock from 'nock';
import assert from 'node:assert/strict';
import type { TaskOutcome } from '../../../tasks/common/run-task.js';
import { storeMark } from '../../../tasks/common/stores/store.js';
import { asObject, type JsonObject } from '#text/json';
import { rotatePats as rotate } from '../../../tasks/RotatePat/RotatePatV1/run.js';
import { json, type Answer, type Reply } from './answers.js';
import { defaultInputs, MemoryAgent, type AgentState } from './memory-agent.js';
import { PatService } from './pat-service.js';
import { agentState, World, type Step } from './world.js';

/** The display name of a generation of `mirror` in a store: by default the variable `GIT_PAT` of the group `deploy`. */
export function generationOf(
  nonce = '0000aaaa',
  place = 'variablegroup/contoso/7/git_pat',
  name = 'mirror',
): string {
  return `${name} job-pat:rotated/${storeMark(place)}/${nonce}`;
}

export const JOB_TOKEN = 'the-token-of-the-job';

/** The state of an agent that runs a RotatePat step for the variable `GIT_PAT` of the group `deploy`. */
export function rotateState(step: Step = {}): AgentState {
  const state = agentState({
    ...step,
    fields: { maxRotatedLifetime: '365d', ...step.fields },
    variables: { 'System.AccessToken': JOB_TOKEN, 'System.TeamProject': 'Web', ...step.variables },
  });
  const inputs = {
    patIssuer: 'issuer',
    name: 'mirror',
    scopes: 'vso.code',
    store: 'variableGroup',
    variableGroup: 'deploy',
    variableName: 'GIT_PAT',
    ...step.inputs,
  };
  return { ...state, inputs: { ...defaultInputs('RotatePat'), ...inputs } };
}

export function rotateStep(step: Step = {}, service = new PatService()): World {
  return new World(new MemoryAgent(rotateState(step)), service);
}

/** The story of the task with the effects of a test. */
export function rotatePats({ effects }: World): Promise<TaskOutcome | undefined> {
  return rotate(effects);
}

/** A variable group as the library keeps it: with the values of its secrets, which no answer shows. */
export class GroupService {
  readonly requests: { readonly method: string; readonly url: string; readonly authorization: string }[] = [];
  /** The projects that the last write left the group to. */
  references: unknown;
  readonly #queued = new Map<'read' | 'write', Answer[]>();

  constructor(
    public variables: Record<string, JsonObject> = {
      URL: { value: 'https://example.com' },
      PASSWORD: { value: 'another secret', isSecret: true },
    },
    readonly fields: JsonObject = {},
  ) {
    const serve = nock('https://dev.azure.com').persist();
    serve.get(/_apis\/distributedtask\/variablegroups/).reply(this.#serving('read'));
    serve.put(/_apis\/distributedtask\/variablegroups/).reply(this.#serving('write'));
  }

  next(what: 'read' | 'write', ...answers: Answer[]): this {
    this.#queued.set(what, [...(this.#queued.get(what) ?? []), ...answers]);
    return this;
  }

  value(name: string): unknown {
    return this.variables[name]?.['value'];
  }

  count(method: string): number {
    return this.requests.filter(request => request.method === method).length;
  }

  #serving(what: 'read' | 'write') {
    const answer = (method: string, url: string, authorization: string, body: unknown) => {
      this.requests.push({ method, url, authorization });
      const usual = () => (what === 'read' ? this.#read(url) : this.#write(body));
      const queued = this.#queued.get(what)?.shift();
      return queued === undefined ? usual() : queued(usual);
    };
    return function (
      this: nock.ReplyFnContext,
      uri: string,
      body: nock.Body,
      done: (error: NodeJS.ErrnoException | null, reply: nock.ReplyFnResult) => void,
    ): void {
      const reply = answer(this.req.method, uri, String(this.req.headers['authorization']), body);
      if (reply instanceof Error) done(reply, [500]);
      else done(null, [reply.status, reply.body, { ...reply.headers }]);
    };
  }

  #shown(): JsonObject & { readonly name: unknown } {
    const variables = Object.fromEntries(
      Object.entries(this.variables).map(([name, variable]) => [
        name,
        variable['isSecret'] === true ? { ...variable, value: null } : variable,
      ]),
    );
    return {
      variables,
      id: 7,
      type: 'Vsts',
      name: 'deploy',
      description: 'For deployments',
      variableGroupProjectReferences: [
        { name: 'deploy', description: 'For deployments', projectReference: { id: 'p1', name: 'Web' } },
        { name: 'deploy elsewhere', description: '', projectReference: { id: 'p2', name: 'Mobile' } },
      ],
      ...this.fields,
    };
  }

  #read(url: string): Reply {
    if (/variablegroups\/7\b/.test(url)) return json(200, this.#shown());
    if (/variablegroups\/\d+/.test(url)) return json(200, null);
    const wanted = new URL(url, 'https://dev.azure.com').searchParams.get('groupName');
    const listed = { ...this.#shown(), variableGroupProjectReferences: null };
    const value = wanted === listed.name ? [listed] : [];
    return json(200, { count: value.length, value });
  }

  /** Replaces the variables; a secret that comes as null stays as it is. */
  #write(body: unknown): Reply {
    const sent = asObject(asObject(body)?.['variables']) ?? {};
    this.references = asObject(body)?.['variableGroupProjectReferences'];
    assert.ok(Array.isArray(this.references));
    this.variables = Object.fromEntries(
      Object.entries(sent).map(([name, given]) => {
        const variable = asObject(given) ?? {};
        const keeps = variable['isSecret'] === true && variable['value'] === null;
        return [name, keeps ? { ...variable, value: this.variables[name]?.['value'] } : variable];
      }),
    );
    return json(200, this.#shown());
  }
}
