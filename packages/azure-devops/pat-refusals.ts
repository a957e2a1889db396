import { patTokenErrors } from '#advice/pat-errors';
import { advised } from '#advice/pipeline';
import type { Failure } from '#advice/failure';
import { sanitize } from '#text/sanitize';

/** Errors of the service's own making: a second attempt may succeed. */
const PASSING = new Set(['failedtoissueaccesstoken', 'failedtoreadtenantpolicy', 'failedtoreadorgpolicy']);

/**
 * The PAT is not there any more (or never was): for a revoke that is success. `invalidToken` is not among them: it can
 * be said of the token that asks.
 */
const GONE = [
  'hostAuthorizationNotFound',
  'authorizationNotFound',
  'tokenNotFound',
  'invalidAuthorizationId',
];

/** What to say of a `patTokenError`, also of one that is new. */
export function patRefusal(organization: string, error: string, message: string): Failure {
  const name = sanitize(error, 80);
  const more = message === '' ? '' : ` (${sanitize(message)})`;
  const what = `${organization} did not create the PAT: ${name}${more}.`;
  const code = patTokenErrors.find(known => known.toLowerCase() === error.toLowerCase());
  return advised('pat-refused', what, { about: 'pat', code }, { reason: name });
}

export function mayPass(error: string): boolean {
  return PASSING.has(error.toLowerCase());
}

/** Finds a documented error name in a text of the service; the sibling API reports them in `message`, in PascalCase. */
export function errorNamedIn(text: string): string | undefined {
  return patTokenErrors.find(name => new RegExp(`\\b${name}\\b`, 'i').test(text));
}

/** Whether a documented error, given as the value of `patTokenError`, says that the PAT is not there. */
export function meansGone(error: string | undefined): boolean {
  return error !== undefined && GONE.some(name => name.toLowerCase() === error.trim().toLowerCase());
}

/**
 * Whether a JSON error says so: by its type, or as the sibling API does, with the name in PascalCase as the whole
 * message of an error about session tokens. A name somewhere in a text says nothing.
 */
export function namesGone(typeKey: string, message: string): boolean {
  if (/^(?:SessionToken|HostAuthorization|Authorization(?:Id)?)NotFoundException$/.test(typeKey)) return true;
  return /^SessionToken\w*Exception$/.test(typeKey) && meansGone(message.replace(/\.$/, ''));
}
