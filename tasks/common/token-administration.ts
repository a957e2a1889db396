import { ask, azureDevOpsHeaders, REQUEST_TIMEOUT, settled, type Reply } from './azure-devops.js';
import { Failure } from './failure.js';
import type { Http, HttpRequest } from './http.js';
import { asGuid, asMoment, asText, objectsOf, type JsonObject } from './json.js';
import type { Organization } from './organization.js';
import { patiently, remaining, type Attempt, type Patience } from './patience.js';
import type { ListedPat } from './pats.js';
import { basicCredential } from './secret-forms.js';

const PAGE_SIZE = 100;
const MOST_PAGES = 2_000;

/**
 * The Token Administration API of one organization (specs/tokenAdmin 7.1), as a Project Collection Administrator:
 * the PATs of a named user.
 */
export interface TokenAdministration {
  /**
   * The subject descriptor of a user given by descriptor, sign-in name or mail address.
   * @throws Failure when the organization has no such user
   */
  descriptorOf(user: string, patience: Patience): Promise<string>;
  /** The PATs of the user that are valid and that `keep` says. @throws Failure */
  listActive(descriptor: string, keep: (pat: ListedPat) => boolean, patience: Patience): Promise<ListedPat[]>;
  /** Ends PATs of any user. @throws Failure */
  revoke(authorizationId: string, patience: Patience): Promise<'revoked'>;
}

/** @param token an Entra token, or a PAT with vso.tokenadministration (and vso.graph to find the user by name) */
export function tokenAdministration(
  http: Http,
  now: () => Date,
  organization: Organization,
  token: string,
): TokenAdministration {
  const isJsonWebToken = token.split('.').length === 3;
  const headers = azureDevOpsHeaders(isJsonWebToken ? `Bearer ${token}` : `Basic ${basicCredential(token)}`);
  const send = (
    patience: Patience,
    method: HttpRequest['method'],
    path: string,
    query: Query,
    body?: unknown,
  ) =>
    ask(http, now, {
      method,
      url: `${organization.tokensUrl}/_apis/${path}?${new URLSearchParams({ ...query }).toString()}`,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      timeout: remaining(patience, REQUEST_TIMEOUT),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  async function pages(
    path: string,
    query: Query,
    patience: Patience,
    visit: (page: JsonObject) => boolean,
  ): Promise<void> {
    let continuationToken = '';
    for (let page = 0; page < MOST_PAGES; page++) {
      const more = continuationToken === '' ? {} : { continuationToken };
      const reply = await patiently(patience, async () =>
        readable(await send(patience, 'GET', path, { ...query, ...more }), organization),
      );
      const next = asText(reply.value['continuationToken']) ?? reply.continuation ?? '';
      if (visit(reply.value) || next === '') return;
      if (next === continuationToken) break;
      continuationToken = next;
    }
    throw new Failure(
      'pat-answer-not-usable',
      `A list of ${organization.name} does not end.`,
      'Report this.',
    );
  }

  return {
    async descriptorOf(user, patience) {
      if (/^[a-z]{2,10}\.[A-Za-z0-9_-]{8,}$/.test(user)) return user;
      const wanted = user.toLowerCase();
      let found: string | undefined;
      await pages('graph/users', { 'api-version': '7.1-preview.1' }, patience, page => {
        found = usersOf(page).find(candidate => candidate.names.includes(wanted))?.descriptor;
        return found !== undefined;
      });
      if (found !== undefined) return found;
      throw new Failure(
        'user-not-found',
        `${organization.name} has no user "${user}".`,
        'Give the sign-in name, the mail address or the subject descriptor of the user.',
      );
    },

    async listActive(descriptor, keep, patience) {
      const found = new Map<string, ListedPat>();
      const query = { pageSize: String(PAGE_SIZE), isPublic: 'false', 'api-version': '7.1' };
      const path = `tokenadmin/personalaccesstokens/${encodeURIComponent(descriptor)}`;
      await pages(path, query, patience, page => {
        for (const pat of patsOf(page, now()).filter(keep)) found.set(pat.authorizationId, pat);
        return false;
      });
      return [...found.values()];
    },

    async revoke(authorizationId, patience) {
      const query = { isPublic: 'false', 'api-version': '7.1' };
      return patiently<'revoked'>(patience, async () => {
        const reply = await send(patience, 'POST', 'tokenadmin/revocations', query, [{ authorizationId }]);
        const attempt = settled(reply, organization.name);
        return 'later' in attempt ? attempt : { done: 'revoked' };
      });
    },
  };
}

type Query = Readonly<Record<string, string>>;

interface Page {
  readonly value: JsonObject;
  readonly continuation: string | undefined;
}

function readable(reply: Reply, organization: Organization): Attempt<Page> {
  const attempt = settled(reply, organization.name);
  if ('later' in attempt) return attempt;
  if (attempt.done.kind === 'json') return { done: attempt.done };
  throw new Failure('pat-answer-not-usable', `${organization.name} gave an empty answer.`, 'Report this.');
}

function usersOf(page: JsonObject): { descriptor: string; names: string[] }[] {
  return objectsOf(page['value']).flatMap(user => {
    const descriptor = asText(user['descriptor']);
    const names = [user['principalName'], user['mailAddress']].flatMap(
      name => asText(name)?.toLowerCase() ?? [],
    );
    return descriptor === undefined ? [] : [{ descriptor, names }];
  });
}

/** Session tokens that are still good. */
function patsOf(page: JsonObject, now: Date): ListedPat[] {
  return objectsOf(page['value']).flatMap(token => {
    const authorizationId = asGuid(token['authorizationId']);
    const validTo = asMoment(token['validTo']);
    const over = token['isValid'] === false || (validTo !== undefined && validTo < now);
    if (authorizationId === undefined || over) return [];
    return [
      {
        authorizationId,
        displayName: asText(token['displayName']) ?? '',
        scope: asText(token['scope']) ?? '',
        validFrom: asMoment(token['validFrom']),
        validTo,
      },
    ];
  });
}
