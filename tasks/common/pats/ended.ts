import { advised } from '../advice/situation.js';
import { refusal, settled, type Reply } from '../http/azure-devops.js';
import type { Attempt, Patience } from '../http/patience.js';
import { Failure } from '../text/failure.js';
import { asText } from '../text/json.js';
import { outsideText } from '../text/outside-text.js';
import { meansGone, namesGone } from './pat-refusals.js';
import type { ListedPat, Listing } from './pats.js';

/** What an answer to a revocation says of the PAT. */
export type End =
  | 'revoked'
  | 'gone'
  /** It may be alive: whoever asked looks at the list before believing anything. */
  | { readonly doubt: Failure };

/**
 * Reads the answer to a revocation. Revoked is 200 or 204, empty or with `patTokenError: none`; gone is what a JSON error
 * says about this very thing. A status alone says neither: 404 is also what a route that this host does not know gives,
 * 202 a promise, and a proxy answers 200 to anything.
 * @throws Failure when the sign-in was not accepted, or asking again does not help
 */
export function readEnd(reply: Reply, where: string): Attempt<End> {
  if (reply.kind === 'refused') {
    if (meansGone(reply.patTokenError) || namesGone(reply.typeKey, reply.text)) return { done: 'gone' };
    return { done: { doubt: refusal(where, reply) } };
  }
  if (reply.kind === 'denied' && reply.failure.topic === 'organization-not-found') {
    return { done: { doubt: reply.failure } };
  }
  const attempt = settled(reply, where);
  if ('later' in attempt) return attempt;
  const answer = attempt.done;
  if (answer.kind === 'empty') return { done: isDone(answer.status) ? 'revoked' : strange(where, answer) };
  const error = asText(answer.value['patTokenError']);
  if (error === undefined || !isDone(answer.status)) return { done: strange(where, answer) };
  if (error.toLowerCase() === 'none') return { done: 'revoked' };
  if (meansGone(error)) return { done: 'gone' };
  return { done: { doubt: notRevoked(`${where} did not revoke the PAT: ${outsideText(error, 80)}.`) } };
}

/**
 * Ends the doubt with the list of active PATs: one that it does not hold is gone.
 *
 * @param isListed reads the whole list, twice where it has several pages
 * @throws Failure the doubt, when the list holds the PAT or cannot be read
 */
export async function endOfDoubt(end: End, isListed: () => Promise<boolean>): Promise<'revoked' | 'gone'> {
  if (typeof end === 'string') return end;
  let listed: boolean;
  try {
    listed = await isListed();
  } catch (error) {
    if (error instanceof Failure && error.topic === 'cancelled') throw error;
    throw end.doubt;
  }
  if (listed) throw end.doubt;
  return 'gone';
}

function isDone(status: number): boolean {
  return status === 200 || status === 204;
}

function strange(where: string, { status }: { readonly status: number }): End {
  return { doubt: notRevoked(`${where} answered HTTP ${status} and does not say that the PAT is revoked.`) };
}

function notRevoked(what: string): Failure {
  return advised('revoke-failed', what, { about: 'request', code: 'not-revoked' });
}

type ReadList = (keep: (pat: ListedPat) => boolean, patience: Patience) => Promise<Listing>;

/** Looks for PATs in the list of active ones, for many doubts at once and for no more than a few in a row. */
export class Doubts {
  readonly #readList: ReadList;
  #looks = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(readList: ReadList) {
    this.#readList = readList;
  }

  /** @throws Failure when the list cannot be read, or has been read often enough */
  isListed(authorizationId: string, patience: Patience): Promise<boolean> {
    const look = this.#turn.then(() => this.#look(authorizationId, patience));
    this.#turn = look.catch(() => undefined);
    return look;
  }

  async #look(authorizationId: string, patience: Patience): Promise<boolean> {
    // Where one refusal after the other proves true, reading ten thousand PATs for each would help nobody.
    if (this.#looks >= MOST_LOOKS) throw new Failure('revoke-failed', 'The list was read often enough.', '');
    this.#looks++;
    const itself = (pat: ListedPat) => pat.authorizationId === authorizationId;
    const first = await this.#readList(itself, patience);
    if (first.pats.length > 0) return true;
    // While pages are read PATs come and go, and one may be skipped.
    const listed = first.pages > 1 && (await this.#readList(itself, patience)).pats.length > 0;
    if (!listed) this.#looks = 0;
    return listed;
  }
}

/** In a row, each of them for nothing. */
const MOST_LOOKS = 5;
