import { createHash } from 'node:crypto';
import type { RetryPolicy } from '#http/retry';

/** One generation of a rotated PAT: what a store keeps. */
export interface Generation {
  readonly value: string;
  readonly authorizationId: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** What a store holds before a rotation. */
export interface Holding {
  /**
   * The one place of which this is a record, in lower case: `variablegroup/contoso/7/git_pat`. Spelling, and a name in
   * place of an id, make no difference.
   */
  readonly place: string;
  /** What one write replaces as a whole: the group, the connection, the secret. */
  readonly container: string;
  /** Everything that a write sets, as places. */
  readonly claims: readonly string[];
  /** The authorization id that the store names; undefined when it holds none. */
  readonly recorded: string | undefined;
  /** Whether a write would replace something although the store names no authorization id. */
  readonly isForeign: boolean;
}

/** The eight hex digits by which the name of a generation tells the store it belongs to. */
export function storeMark(place: string): string {
  return createHash('sha256').update(place.toLowerCase(), 'utf8').digest('hex').slice(0, 8);
}

/**
 * Where the value of a rotated PAT lives, with the authorization id beside it. That record is the commit point of a
 * rotation: a generation counts as soon as, and only if, the store names it.
 */
export interface PatStore {
  /** For a log line: `variable group "deploy", GIT_PAT`. */
  readonly place: string;

  /**
   * What the store holds, and where exactly that is.
   * @throws Failure as `recorded`
   */
  look(policy: RetryPolicy): Promise<Holding>;

  /**
   * The authorization id that the store names; undefined when it holds none.
   * @throws Failure when the store cannot be read, or could not be written either (`store-refused`, `store-not-usable`)
   */
  recorded(policy: RetryPolicy): Promise<string | undefined>;

  /**
   * Writes value and record in one request; everything else in the store stays as it is. It is sent again only after
   * an answer that says that it was not carried out.
   * @throws Failure `store-refused` when nothing was written, any other Failure when that is not known
   */
  write(generation: Generation, policy: RetryPolicy): Promise<void>;
}
