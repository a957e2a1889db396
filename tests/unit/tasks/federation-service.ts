import nock from 'nock';
import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { asObject, asText, parseJson, type JsonObject } from '#text/json';
import { json, type Answer, type Reply } from './answers.js';
import { MemoryAgent, type AgentState } from './memory-agent.js';
import { AUTHORITY, PatService } from './pat-service.js';
import { agentState, connection, START, World, type Step } from './world.js';

export const CONNECTION = 'c0c0c0c0-1111-4222-8333-444444444444';
const ORGANIZATION_ID = '0a0a0a0a-1111-4222-8333-444444444444';
export const BLUEPRINT = connection.fields.clientId;
export const AGENT_IDENTITY = 'a9e2a9e2-1111-4222-8333-444444444444';
export const AGENT_USER = '0bec0bec-1111-4222-8333-444444444444';
export const JOB_TOKEN = 'the-token-of-the-job';
export const PLACE =
  'https://dev.azure.com/contoso/abababab-1212-4343-8565-787878787878/_apis/distributedtask/hubs/build/plans/p-1/jobs/j-1/oidctoken';
const AUDIENCE = 'api://AzureADTokenExchange';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The two forms that Azure Pipelines gives (facts: Azure Pipelines OIDC token). */
export const FORMS = {
  vstoken: {
    iss: `https://vstoken.dev.azure.com/${ORGANIZATION_ID}`,
    sub: 'sc://contoso/Web/PAT issuer',
  },
  entra: {
    iss: `https://login.microsoftonline.com/${connection.fields.tenantId}/v2.0`,
    sub: `/eid1/c/pub/t/abc/a/def/sc/${ORGANIZATION_ID}/${CONNECTION}`,
  },
} as const;

export interface Trusted {
  readonly iss: string;
  readonly sub: string;
  readonly aud?: string;
}

/**
 * Azure Pipelines, which signs OIDC tokens, and an Entra whose application takes nothing but such a token as a proof; with
 * the chain of an agent's user. Made before the PAT service, whose Entra takes every sign-in.
 */
export class FederationService {
  readonly asked: { readonly url: URL; readonly headers: Readonly<Record<string, string>> }[] = [];
  readonly assertions: string[] = [];
  readonly forms: Readonly<Record<string, string>>[] = [];
  /** Access tokens of Entra, in their order. */
  readonly tokens: string[] = [];
  now = (): Date => START;
  /** What the tokens say; changed by a test. */
  claims: JsonObject = { ...FORMS.vstoken, aud: AUDIENCE };
  trusted: readonly Trusted[] = [FORMS.vstoken, FORMS.entra];
  readonly #queued = new Map<'oidc' | 'entra', Answer[]>();

  constructor() {
    const { asked } = this;
    const take = (place: 'oidc' | 'entra', usual: () => Reply): Reply | Error => {
      const answer = this.#queued.get(place)?.shift();
      return answer === undefined ? usual() : answer(usual);
    };
    nock('https://dev.azure.com')
      .persist()
      .post(/\/oidctoken(\?|$)/)
      .reply(function (uri, _body, done) {
        const headers = Object.entries(this.req.headers).map(([name, value]) => [name, value]);
        asked.push({
          url: new URL(uri, 'https://dev.azure.com'),
          headers: Object.fromEntries(headers) as Record<string, string>,
        });
        finish(take('oidc', issue), done);
      });
    const issue = () => json(200, { oidcToken: this.issue() });
    nock(AUTHORITY)
      .persist()
      .post(`/${connection.fields.tenantId}/oauth2/v2.0/token`)
      .reply((_uri, body, done) => {
        const form = Object.fromEntries(new URLSearchParams(typeof body === 'string' ? body : ''));
        this.forms.push(form);
        finish(
          take('entra', () => this.#token(form)),
          done,
        );
      });
  }

  next(place: 'oidc' | 'entra', ...answers: Answer[]): this {
    this.#queued.set(place, [...(this.#queued.get(place) ?? []), ...answers]);
    return this;
  }

  always(place: 'oidc' | 'entra', answer: Answer): this {
    return this.next(place, ...Array.from({ length: 200 }, () => answer));
  }

  /** A token as Azure Pipelines signs it, good for five minutes. */
  issue(more: JsonObject = {}): string {
    const iat = Math.floor(this.now().getTime() / 1000);
    const times = { nbf: iat - 600, exp: iat + 300, iat };
    const claims = { jti: String(this.assertions.length), ...this.claims, ...times, ...more };
    const parts = [{ typ: 'JWT', alg: 'RS256', kid: 'k' }, claims].map(part =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signature = createSign('RSA-SHA256').update(parts.join('.')).sign(privateKey, 'base64url');
    const token = [...parts, signature].join('.');
    this.assertions.push(token);
    return token;
  }

  #token(form: Readonly<Record<string, string>>): Reply {
    if (form['grant_type'] === 'user_fic') return this.#userToken(form);
    if (form['client_id'] === AGENT_IDENTITY) return this.#exchangeToken(form, 'T2', 1);
    return this.#judged(form['client_assertion']) ?? this.#exchangeOrUser(form);
  }

  #exchangeOrUser(form: Readonly<Record<string, string>>): Reply {
    return form['fmi_path'] === undefined ? this.#give('access') : this.#give('T1');
  }

  /** The assertion is a token that was given before: T1. */
  #exchangeToken(form: Readonly<Record<string, string>>, name: string, count: number): Reply {
    return form['client_assertion'] === this.tokens.at(-count)
      ? this.#give(name)
      : refusal(700027, 'The assertion is not T1.');
  }

  #userToken(form: Readonly<Record<string, string>>): Reply {
    const [t1, t2] = this.tokens.slice(-2);
    const isProven = form['client_assertion'] === t1 && form['user_federated_identity_credential'] === t2;
    return isProven ? this.#give('access') : refusal(700027, 'T1 or T2 is wrong.');
  }

  #give(name: string): Reply {
    const body = Buffer.from(`{"${name}":${this.tokens.length}}`).toString('base64url');
    const token = `${name}-header.${body}-of-a-token-of-entra.signature-of-${name}-which-is-long`;
    this.tokens.push(token);
    return json(200, {
      access_token: token,
      token_type: 'Bearer',
      expires_in: 3599,
      ...(name === 'access' && { refresh_token: 'newer-refresh-token' }),
    });
  }

  #judged(assertion = ''): Reply | undefined {
    if (assertion === '') return refusal(7000218, "'client_assertion' or 'client_secret' is required.");
    const [header = '', payload = '', signature = ''] = assertion.split('.');
    const isSigned = createVerify('RSA-SHA256')
      .update(`${header}.${payload}`)
      .verify(publicKey, signature, 'base64url');
    if (!isSigned) return refusal(700027, 'The signature is not valid.');
    const claims = asObject(parseJson(Buffer.from(payload, 'base64url').toString())) ?? {};
    const seconds = this.now().getTime() / 1000;
    if (Number(claims['exp']) < seconds || Number(claims['nbf']) > seconds)
      return refusal(700024, 'Client assertion is not within its valid time range.');
    const ofIssuer = this.trusted.filter(({ iss }) => iss === claims['iss']);
    if (ofIssuer.length === 0) return refusal(700211, 'No matching issuer.');
    const subject = asText(claims['sub']) ?? '';
    const matching = ofIssuer.filter(({ sub }) => sub === subject);
    if (matching.length === 0) {
      const differsInCase = ofIssuer.some(({ sub }) => sub.toLowerCase() === subject.toLowerCase());
      return differsInCase
        ? refusal(7002138, 'The subject matches with case-insensitive comparison only.')
        : refusal(700213, 'No matching subject.');
    }
    if (!matching.some(({ aud = AUDIENCE }) => aud === claims['aud']))
      return refusal(700212, 'No matching audience.');
    return undefined;
  }
}

function finish(
  reply: Reply | Error,
  done: (error: NodeJS.ErrnoException | null, reply: nock.ReplyFnResult) => void,
): void {
  if (reply instanceof Error) done(reply, [500]);
  else done(null, [reply.status, reply.body, { ...reply.headers }]);
}

export function refusal(code: number, text: string, error = 'invalid_client', status = 400): Reply {
  return json(status, { error, error_description: `AADSTS${code}: ${text}`, error_codes: [code] });
}

/** A step whose connection has the fields of a federated one. */
export function federatedState(step: Step & { readonly scheme?: string } = {}): AgentState {
  const { scheme = 'Token', ...rest } = step;
  const state = agentState({
    ...rest,
    inputs: { patIssuer: CONNECTION, ...step.inputs },
    fields: { ...(scheme === 'Token' && { clientProof: 'federation' }), ...step.fields },
    variables: {
      'System.OidcRequestUri': PLACE,
      'System.AccessToken': JOB_TOKEN,
      'System.TeamProject': 'Web',
      'System.TaskInstanceId': '57e957e9-1111-4222-8333-444444444444',
      ...step.variables,
    },
  });
  const { issuer } = state.connections;
  if (issuer === undefined) throw new Error('no connection');
  return { ...state, connections: { [CONNECTION]: { ...issuer, scheme } } };
}

export interface Federated {
  readonly federation: FederationService;
  readonly world: World;
}

/** The main stage of such a step, at services whose clock is that of the agent. */
export function federatedStage(
  step: Step & { readonly scheme?: string } = {},
  federation = new FederationService(),
  service = new PatService(),
): Federated {
  const world = new World(new MemoryAgent(federatedState(step)), service);
  federation.now = () => world.clock.now();
  return { federation, world };
}

/** A later stage of the same step. */
export function later({ federation, world }: Federated): World {
  const stage = world.laterStage();
  federation.now = () => stage.clock.now();
  return stage;
}

/** The requests of a stage in their order, as one reads them. */
export function requestsOf(world: World): string[] {
  return world.story(event => {
    if (event.kind !== 'request') return undefined;
    if (event.url.includes('oidctoken')) return 'oidc';
    return event.url.includes('oauth2') ? 'entra' : event.method;
  });
}
