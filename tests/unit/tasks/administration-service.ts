import nock from 'nock';
import { asGuid, asText, objectsOf } from '#text/json';
import { json, type Answer } from './answers.js';

interface User {
  readonly descriptor: string;
  readonly principalName: string;
  readonly mailAddress: string;
}

interface Token {
  readonly authorizationId: string;
  readonly displayName: string;
  readonly isValid?: boolean;
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly scope?: string;
  readonly targetAccounts?: readonly string[] | null;
}

const PAGE = 3;

/** Graph and the Token Administration API of contoso, in memory behind nock, in pages of three. */
export class AdministrationService {
  readonly users: User[] = [];
  readonly requests: { method: string; path: string; query: URLSearchParams; authorization: string }[] = [];
  /** Alive, by subject descriptor. */
  readonly tokens = new Map<string, Token[]>();
  /** Subject descriptors of users who are no longer active members. */
  readonly inactive = new Set<string>();
  readonly revocations: unknown[] = [];
  readonly #next: Answer[] = [];
  readonly #always: { path: RegExp; answer: Answer }[] = [];
  #made = 0;

  constructor() {
    const served = nock('https://vssps.dev.azure.com').persist();
    const reply = (of: (url: URL, body: nock.Body) => ReturnType<Answer>) => {
      const answer = (request: nock.ReplyFnContext['req'], uri: string, body: nock.Body) => {
        const url = new URL(uri, 'https://vssps.dev.azure.com');
        const authorization = String(request.headers['authorization']);
        const path = url.pathname.replace('/contoso/_apis/', '');
        this.requests.push({ method: request.method, path, query: url.searchParams, authorization });
        const usual = () => {
          const given = of(url, body);
          if (given instanceof Error) throw given;
          return given;
        };
        const always = this.#always.find(one => one.path.test(path))?.answer;
        return (this.#next.shift() ?? always ?? (usual => usual()))(usual);
      };
      return function (
        this: nock.ReplyFnContext,
        uri: string,
        body: nock.Body,
        done: (error: NodeJS.ErrnoException | null, reply: nock.ReplyFnResult) => void,
      ): void {
        const given = answer(this.req, uri, body);
        if (given instanceof Error) done(given, [500]);
        else done(null, [given.status, given.body, { ...given.headers }]);
      };
    };
    served.get(/^\/contoso\/_apis\/graph\/users/).reply(reply(url => this.#listUsers(url)));
    served
      .get(/^\/contoso\/_apis\/graph\/membershipstates\//)
      .reply(reply(url => json(200, { active: !this.inactive.has(url.pathname.split('/').at(-1) ?? '') })));
    served
      .get(/^\/contoso\/_apis\/tokenadmin\/personalaccesstokens\//)
      .reply(reply(url => this.#listTokens(url)));
    served.post(/^\/contoso\/_apis\/tokenadmin\/revocations/).reply(reply((_, body) => this.#revoke(body)));
  }

  /** This answer to every request for such a path. */
  always(path: RegExp, answer: Answer): this {
    this.#always.push({ path, answer });
    return this;
  }

  next(...answers: Answer[]): this {
    this.#next.push(...answers);
    return this;
  }

  addUser(principalName: string, mailAddress = principalName): User {
    const descriptor = `aad.${Buffer.from(principalName).toString('base64url')}`;
    const user = { descriptor, principalName, mailAddress };
    this.users.push(user);
    this.tokens.set(descriptor, []);
    return user;
  }

  addToken({ descriptor }: User, displayName: string, more: Partial<Token> = {}): Token {
    this.#made += 1;
    const authorizationId = `00000000-0000-4000-8000-${String(this.#made).padStart(12, '0')}`;
    const token = {
      authorizationId,
      displayName,
      isValid: true,
      scope: 'vso.code',
      validTo: '2026-03-02T00:00:00Z',
      ...more,
    };
    this.tokens.get(descriptor)?.push(token);
    return token;
  }

  isAlive({ authorizationId }: Token): boolean {
    return [...this.tokens.values()].flat().some(token => token.authorizationId === authorizationId);
  }

  asked(path: RegExp): URLSearchParams[] {
    return this.requests.filter(request => path.test(request.path)).map(({ query }) => query);
  }

  #listUsers(url: URL): ReturnType<Answer> {
    const { page, next } = pageOf(this.users, url);
    return json(
      200,
      { count: page.length, value: page },
      next === null ? {} : { 'x-ms-continuationtoken': next },
    );
  }

  #listTokens(url: URL): ReturnType<Answer> {
    const tokens = this.tokens.get(url.pathname.split('/').at(-1) ?? '');
    if (tokens === undefined) return json(404, { message: 'no such identity' });
    const { page, next } = pageOf(tokens, url);
    return json(200, { value: page, continuationToken: next });
  }

  #revoke(body: nock.Body): ReturnType<Answer> {
    this.revocations.push(body);
    const ids = objectsOf(body).map(entry => asGuid(asText(entry['authorizationId'])));
    for (const [user, tokens] of this.tokens)
      this.tokens.set(
        user,
        tokens.filter(({ authorizationId }) => !ids.includes(authorizationId)),
      );
    return { status: 204, body: '' };
  }
}

function pageOf<T>(all: readonly T[], url: URL): { page: T[]; next: string | null } {
  const start = Number(url.searchParams.get('continuationToken') ?? 0);
  return {
    page: all.slice(start, start + PAGE),
    next: start + PAGE < all.length ? String(start + PAGE) : null,
  };
}
