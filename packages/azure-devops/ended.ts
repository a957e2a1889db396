import { advised } from '#advice/pipeline';
import { refusal, unwrap, type ApiResponse } from './responses.js';
import type { RetryResult, RetryPolicy } from '#http/retry';
import { Failure } from '#advice/failure';
import { asText } from '#text/json';
import { sanitize } from '#text/sanitize';
import { meansGone, namesGone } from './pat-refusals.js';
import type { ListedPat, Listing } from './listed-pat.js';

/** What an answer to a revocation says of the PAT. */
export type End =
  | 'revoked'
  | 'gone'
  /**
   * It may be alive: whoever asked looks at the list before believing anything. `isSilent`: 200 with nothing in it, which
   * some versions are documented to give for a revocation, and anything in between may give for anything.
   */
  | { readonly doubt: Failure; readonly isSilent?: true };

/**
 * Reads the answer to a revocation. Revoked is 204, or 200 with `patTokenError: none`; gone is what a JSON error says about
 * this very thing. A status alone says neither: 404 is also what a route that this host does not know gives, 202 a promise,
 * and a proxy answers 200 to anything.
 * @throws Failure when the sign-in was not accepted, or asking again does not help
 */
export function readEnd(reply: ApiResponse, where: string): RetryResult<End> {
  if (reply.kind === 'refused') {
    if (meansGone(reply.patTokenError) || namesGone(reply.typeKey, reply.text)) return { done: 'gone' };
    return { done: { doubt: refusal(where, reply) } };
  }
  if (reply.kind === 'denied' && reply.failure.topic === 'organization-not-found') {
    return { done: { doubt: reply.failure } };
  }
  const attempt = unwrap(reply, where);
  if ('later' in attempt) return attempt;
  const answer = attempt.done;
  if (answer.kind === 'empty') {
    if (answer.status === 204) return { done: 'revoked' };
    const doubt = strange(where, answer);
    return { done: answer.status === 200 ? { doubt, isSilent: true } : { doubt } };
  }
  const error = asText(answer.value['patTokenError']);
  if (error === undefined || answer.status !== 200) return { done: { doubt: strange(where, answer) } };
  if (error.toLowerCase() === 'none') return { done: 'revoked' };
  if (meansGone(error)) return { done: 'gone' };
  return { done: { doubt: notRevoked(`${where} did not revoke the PAT: ${sanitize(error, 80)}.`) } };
}

/**
 * Ends the doubt with the list of active PATs: one that it does not hold is gone.
 *
 * @param isListed reads the whole list, twice where it has several pages
 * @throws Failure the doubt, when the list holds the PAT or cannot be read
 */
async function endOfDoubt(doubt: Failure, isListed: () => Promise<boolean>): Promise<'gone'> {
  let listed: boolean;
  try {
    listed = await isListed();
  } catch (error) {
    if (error instanceof Failure && error.topic === 'cancelled') throw error;
    throw doubt;
  }
  if (listed) throw doubt;
  return 'gone';
}

function strange(where: string, { status }: { readonly status: number }): Failure {
  return notRevoked(`${where} answered HTTP ${status} and does not say that the PAT is revoked.`);
}

function notRevoked(what: string): Failure {
  return advised('revoke-failed', what, { about: 'request', code: 'not-revoked' });
}

type ReadList = (keep: (pat: ListedPat) => boolean, policy: RetryPolicy) => Promise<Listing>;

/** A reading of the list that has not begun, and the PATs that it is to look for. */
interface Look {
  readonly ids: Set<string>;
  policy: RetryPolicy;
  readonly listed: Promise<ReadonlySet<string>>;
}

/** Looks for PATs in the list of active ones: one reading for all doubts that wait for it, one after the other. */
export class Doubts {
  readonly #readList: ReadList;
  #looks = 0;
  #turn: Promise<unknown> = Promise.resolve();
  /** The list has confirmed that silence is how this service says that it is done. */
  #silenceMeansDone = false;
  #next: Look | undefined;
  /** The ids of the last whole list. Nothing comes back: what it did not hold is gone for good. */
  #alive: ReadonlySet<string> | undefined;
  #forgotten = 0;

  constructor(readList: ReadList) {
    this.#readList = readList;
  }

  /** What became of a PAT. @throws Failure the doubt, when the list holds the PAT or cannot be read */
  async settle(end: End, authorizationId: string, policy: RetryPolicy): Promise<'revoked' | 'gone'> {
    if (typeof end === 'string') return end;
    if (end.isSilent === true && this.#silenceMeansDone) return 'revoked';
    const settled = await endOfDoubt(end.doubt, () => this.isListed(authorizationId, policy));
    if (end.isSilent !== true) return settled;
    this.#silenceMeansDone = true;
    return 'revoked';
  }

  /** From here on somebody knows PATs that may be younger than the list. */
  forget(): void {
    this.#alive = undefined;
    this.#forgotten++;
  }

  /** @throws Failure when the list cannot be read, or has been read often enough */
  async isListed(authorizationId: string, policy: RetryPolicy): Promise<boolean> {
    const look = (this.#next ??= this.#plan(policy));
    look.ids.add(authorizationId);
    if (policy.until > look.policy.until) look.policy = policy;
    return (await look.listed).has(authorizationId);
  }

  #plan(policy: RetryPolicy): Look {
    const listed = this.#turn.then(() => {
      this.#next = undefined;
      return this.#look(look);
    });
    this.#turn = listed.catch(() => undefined);
    const look: Look = { ids: new Set(), policy, listed };
    return look;
  }

  async #look({ ids, policy }: Look): Promise<ReadonlySet<string>> {
    const known = this.#alive;
    if (known !== undefined && [...ids].every(id => !known.has(id))) return known;
    // Where one refusal after the other proves true, reading ten thousand PATs for each would help nobody.
    if (this.#looks >= MOST_LOOKS) throw new Failure('revoke-failed', 'The list was read often enough.', '');
    this.#looks++;
    const forgotten = this.#forgotten;
    const alive = new Set<string>();
    const { pages } = await this.#readInto(alive, policy);
    // While pages are read PATs come and go, and one may be skipped.
    const isWhole = pages === 1 || [...ids].some(id => !alive.has(id));
    if (pages > 1 && isWhole) await this.#readInto(alive, policy);
    if (isWhole && forgotten === this.#forgotten) this.#alive = alive;
    if ([...ids].some(id => !alive.has(id))) this.#looks = 0;
    return alive;
  }

  #readInto(alive: Set<string>, policy: RetryPolicy): Promise<Listing> {
    const take = (pat: ListedPat) => {
      alive.add(pat.authorizationId);
      return false;
    };
    return this.#readList(take, policy);
  }
}

/** In a row, each of them for nothing. */
const MOST_LOOKS = 5;
