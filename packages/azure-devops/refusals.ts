import type { Asker } from '#advice/asker';
import type { ServiceCode } from '#advice/service';
import { advised } from '#advice/pipeline';
import type { Failure, FailureTopic } from '#advice/failure';
import { clause, sentence } from '#text/sentence';
import { isTransientStatus } from '#http/http';

/** 4xx with or without a JSON error, for a reason that only the caller may know. */
export interface Refused {
  readonly kind: 'refused';
  readonly status: number;
  /** Fit to print. */
  readonly text: string;
  /** What kind of error the JSON says it is; empty when it does not, or there is none. */
  readonly typeKey: string;
  /** The service itself said it: the answer is a JSON error. */
  readonly isJson?: boolean;
  /** The documented error of the PAT API, as its field of this name holds it. */
  readonly patTokenError?: string;
  /** By which support finds the request; empty when the service told none. */
  readonly activity: string;
  /** Whose credential was refused. */
  readonly asker: Asker;
}

/** Reasons that an answer tells by itself, whatever was asked. */
type Reason = Extract<
  ServiceCode,
  | 'throttled'
  | 'throttled-anonymous'
  | 'unavailable'
  | 'deactivated'
  | 'redirected'
  | 'organization-unknown'
  | 'not-signed-in'
  | 'not-a-member'
  | 'conditional-access'
  | 'malformed'
>;

/** By whom anonymous requests are counted and refused. */
const NOBODY = /^(?:|anonymous|.*aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa)$/i;

/**
 * The reason that status and text tell, whatever was asked; undefined when the caller has to judge (or all is well).
 * Texts are looked at in errors only: an answer of 200 may hold anybody's words.
 */
export function reasonIn({ status, text }: Refused, isPage: boolean): Reason | undefined {
  if (status >= 400 && /\bTF24668\b/.test(text)) return 'deactivated';
  if (status === 429 || (status >= 400 && /\bTF400733\b|exceeding usage of resource/i.test(text)))
    return /namespace ['"]?AnonymousId/i.test(text) ? 'throttled-anonymous' : 'throttled';
  if (isTransientStatus(status)) return 'unavailable';
  // With 5xx it is any fault of the service, after which the request may have been carried out.
  if (status >= 400 && /\bTF400898\b/.test(text)) return 'malformed';
  if (status >= 300 && status < 400) return 'redirected';
  if (status === 404 && isPage) return 'organization-unknown';
  const isSignIn = status === 203 || status === 401 || isPage;
  if (!isSignIn && status < 400) return undefined;
  if (/\bVS403463\b/.test(text) || ((isSignIn || status === 403) && /conditional access/i.test(text)))
    return 'conditional-access';
  if (/\bTF401444\b/.test(text)) return 'not-a-member';
  if (/\bTF400813\b/.test(text)) {
    const user = /['"]([^'"]*)['"]/.exec(text)?.[1];
    return user === undefined || NOBODY.test(user.trim()) ? 'not-signed-in' : 'not-a-member';
  }
  return isSignIn ? 'not-signed-in' : undefined;
}

const TOPICS: Readonly<Partial<Record<ServiceCode, FailureTopic>>> = {
  throttled: 'service-throttled',
  'throttled-anonymous': 'service-throttled',
  unavailable: 'service-unavailable',
  deactivated: 'organization-deactivated',
  redirected: 'redirect-refused',
  'organization-unknown': 'organization-not-found',
  'not-signed-in': 'sign-in-page',
  'users-only': 'identity-not-allowed',
  malformed: 'request-refused',
  refused: 'request-refused',
};

/** What is said of a reason: what the service answered, in its own words, and by which id support finds it. */
export function failureFor(code: ServiceCode, refused: Refused, where: string, isPage = false): Failure {
  const { status, text, activity, asker } = refused;
  const said = text === '' ? '' : `: ${clause(text)}`;
  const known = activity === '' ? '' : ` Activity id ${activity}.`;
  const whats: Readonly<Partial<Record<ServiceCode, string>>> = {
    throttled: `${where} asks to slow down (HTTP ${status}${said})`,
    'throttled-anonymous': `${where} asks to slow down (HTTP ${status}${said})`,
    unavailable: `${where} answered HTTP ${status}${text === '' ? '' : ` (${clause(text)})`}`,
    deactivated: `${where} answered HTTP ${status}${said}`,
    redirected: `${where} answered with a redirect (HTTP ${status}), which Job PAT never follows`,
    'organization-unknown': `${where} does not know this organization (HTTP 404)`,
    'not-signed-in': `${where} did not accept the sign-in (HTTP ${status}${isPage ? ' and a web page in place of JSON' : ''}${said})`,
    'not-a-member': `${where} answered HTTP ${status}${said}`,
    'conditional-access': `${where} answered HTTP ${status}${said}`,
    'users-only': `${where} refused${said === '' ? ': it gave no reason' : said}`,
  };
  const other = `${where} refused the request with HTTP ${status}${said === '' ? ': it gave no reason' : said}`;
  const isLimit = code === 'throttled' || code === 'throttled-anonymous';
  const what = `${sentence(whats[code] ?? other)}${isLimit ? '' : known}`;
  const facts = { host: where, status, reason: text, typeKey: refused.typeKey };
  return advised(TOPICS[code] ?? 'access-denied', what, { about: 'service', code, asker }, facts);
}

/** Whether a refusal is about a right that is missing: by its status, its type, or because it says so. */
export function isAboutPermission({ status, text, typeKey }: Refused): boolean {
  if (status === 401 || status === 403) return true;
  if (/^(?:AccessDenied|AccessCheck|Unauthorized|Security)\w*Exception$/i.test(typeKey)) return true;
  return /\bnot have (?:\S+ ){0,4}permissions?\b|\bpermissions? (?:is|are) (?:needed|required)\b|\baccess (?:is |was )?denied\b|\bnot authorized\b/i.test(
    text,
  );
}

/**
 * Whether a 404 is about the thing that was asked for: only a JSON error is. Any other comes from a host that
 * does not know the route, or from something in between (facts: 404 comes in forms that say nothing).
 */
export function isNotThere({ status, isJson = false }: Refused): boolean {
  return status === 404 && isJson;
}
