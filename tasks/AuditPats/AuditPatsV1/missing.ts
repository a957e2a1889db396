import type { Effects } from '#agent/effects';
import { cutText, wellFormed } from '#text/cut-text';
import { asFailure, Failure } from '#advice/failure';
import { redact } from '#text/redact';
import type { Inventory, Missing } from './inventory.js';

/** Something that could not be read, and what names nobody of it. */
export interface Missed extends Missing {
  /** Subject descriptor of the user. */
  readonly userId: string | null;
  /** The reason without a word of the service, which may name anybody. */
  readonly plainReason: string;
}

interface Place {
  readonly organization: string;
  readonly user?: { readonly descriptor: string; readonly signInName: string } | undefined;
}

/** What could not be read may hold anything: the audit is not complete. */
export function missed({ organization, user }: Place, what: string, failure?: Failure): Missed {
  return {
    organization,
    user: user === undefined ? null : shortText(user.signInName || user.descriptor),
    userId: user?.descriptor ?? null,
    reason: failure === undefined ? what : `${what}: ${failure.what}`,
    plainReason: failure === undefined ? what : `${what} [${failure.topic}]`,
  };
}

/** What was read of a list until it broke. */
export function readBefore(count: number, what: string): string {
  return count === 0 ? `no ${what} could be read` : `only ${count} ${what} could be read`;
}

/** A step that was told to stop stops. */
export function notCancelled(error: unknown): Failure {
  const failure = asFailure(error);
  if (failure.topic === 'cancelled') throw failure;
  return failure;
}

/**
 * A line about another attempt tells what the service said, which may name anybody: with pseudonyms it does not.
 */
export function discreet({ people }: Pick<Inventory, 'people'>, effects: Effects): Effects {
  if (people === 'names') return effects;
  const say = () => {
    effects.agent.info('The service did not answer as it should. Trying again.');
  };
  return { ...effects, retryLog: { info: say, warning: say, error: say, debug: () => undefined } };
}

/** A failure as it may be told: with pseudonyms without a word of the service. */
export function tellable({ people }: Pick<Inventory, 'people'>, failure: Failure): Failure {
  if (people === 'names') return failure;
  return new Failure(
    failure.topic,
    'Nothing could be read; what was answered is left out with people: pseudonyms.',
    failure.repair,
  );
}

const LONGEST_TEXT = 500;

/** A service may send anything: ten thousand names of ten thousand characters fill the memory of an agent. */
export function shortText(text: string, longest = LONGEST_TEXT): string {
  const clean = wellFormed(redact(text));
  return clean.length > longest ? `${cutText(clean, longest)}…` : clean;
}
