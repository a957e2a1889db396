import nock from 'nock';
import { asObject, type JsonObject } from '#text/json';
import { json, type Answer, type Reply } from './answers.js';
import type { AgentState } from './memory-agent.js';
import { MemoryAgent } from './memory-agent.js';
import { AUTHORITY, PatService } from './pat-service.js';
import { rotateState } from './rotate-pats.js';
import { World } from './world.js';

export const VAULT = 'https://contoso.vault.azure.net';
export const TENANT = '99999999-2222-4333-8444-555555555555';
export const APP = '77777777-2222-4333-8444-555555555555';
export const OIDC =
  'https://dev.azure.com/contoso/abababab-1212-4343-8565-787878787878/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken';

export interface Wish {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly scheme?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

export function state({
  inputs,
  fields,
  secrets,
  scheme = 'WorkloadIdentityFederation',
  variables,
}: Wish): AgentState {
  const base = rotateState({
    inputs: {
      store: 'keyVault',
      azureConnection: 'azure',
      keyVaultUrl: VAULT,
      secretName: 'git-pat',
      ...inputs,
    },
    variables: { 'System.OidcRequestUri': OIDC, ...variables },
  });
  const azure = {
    url: 'https://management.azure.com/',
    scheme,
    fields: { tenantid: TENANT, serviceprincipalid: APP, environment: 'AzureCloud', ...fields },
    secrets: secrets ?? {},
  };
  return { ...base, connections: { ...base.connections, azure } };
}

export const rotation = (wish: Wish = {}, service = new PatService()): World =>
  new World(new MemoryAgent(state(wish)), service);

/** A vault with one secret, or none, behind its challenge. Made before the PAT service, whose Entra takes every sign-in. */
export class VaultService {
  readonly bodies: JsonObject[] = [];
  readonly forms: URLSearchParams[] = [];
  readonly oidc: string[] = [];
  /** The token that it takes. */
  token = 'vault-token';
  requests = 0;
  challenge = `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="https://vault.azure.net"`;
  readonly #queued = new Map<string, Answer[]>();

  constructor(public secret?: JsonObject) {
    const serve = (method: string, body: string, authorization: string | undefined): Reply | Error => {
      this.requests += 1;
      if (authorization !== `Bearer ${this.token}`)
        return { status: 401, body: '', headers: { 'www-authenticate': this.challenge } };
      const usual = () => (method === 'PUT' ? this.#set(body) : this.#get());
      const queued = this.#queued.get(method)?.shift();
      return queued === undefined ? usual() : queued(usual);
    };
    for (const method of ['GET', 'PUT']) {
      nock(VAULT)
        .persist()
        .intercept(/^\/secrets\/git-pat\/?(\?|$)/, method)
        .reply(function (_uri, body, done) {
          const reply = serve(
            method,
            typeof body === 'string' ? body : JSON.stringify(body),
            this.req.headers['authorization']?.toString(),
          );
          if (reply instanceof Error) done(reply, [500]);
          else done(null, [reply.status, reply.body, { ...reply.headers }]);
        });
    }
    const { forms, oidc } = this;
    nock(AUTHORITY)
      .persist()
      .post(`/${TENANT}/oauth2/v2.0/token`)
      .reply((_uri, body) => {
        forms.push(new URLSearchParams(typeof body === 'string' ? body : {}));
        return [200, { access_token: 'vault-token', token_type: 'Bearer', expires_in: 3599 }];
      });
    nock('https://dev.azure.com')
      .persist()
      .post(/oidctoken/)
      .reply(uri => {
        oidc.push(uri);
        return [200, { oidcToken: 'the-oidc-token' }];
      });
  }

  next(method: 'GET' | 'PUT', ...answers: Answer[]): this {
    this.#queued.set(method, [...(this.#queued.get(method) ?? []), ...answers]);
    return this;
  }

  #get(): Reply {
    return this.secret === undefined
      ? json(404, {
          error: { code: 'SecretNotFound', message: 'A secret with (name/id) git-pat was not found.' },
        })
      : json(200, this.secret);
  }

  #set(body: string): Reply {
    const sent = asObject(JSON.parse(body)) ?? {};
    this.bodies.push(sent);
    this.secret = { ...sent, id: `${VAULT}/secrets/git-pat/1`, attributes: sent['attributes'] };
    return json(200, this.secret);
  }
}
