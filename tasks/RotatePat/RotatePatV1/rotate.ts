import { ROTATION } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import { createPat, type IssuedPat } from '#pat/create-pat';
import { generationName, noLongerNeeded, type Recorded } from '#pat/generations';
import { allOrNothing } from '#pat/issue';
import { StepLedger, processMemory } from '#pat/ledger';
import type { ListedPat } from '#azure-devops/listed-pat';
import type { UserPats } from '#pat/user-pats';
import { remainingText, revokeRecorded } from '#pat/revoke';
import { verifyAll } from '#pat/verify';
import { asFailure, Failure } from '#advice/failure';
import { formatMoment } from '#text/lifetime';
import { sanitize } from '#text/sanitize';
import { commit, CommitFailure } from './commit.js';
import { decide, isSameAccess, isSomebodyElses, scopesOf } from './decide.js';
import type { RotationEntry } from './entry.js';
import type { RotationRequest } from './request.js';
import type { RotationState } from './rotation-state.js';

/** What became of an entry. */
export type Result = {
  readonly entry: RotationEntry;
  readonly place: string;
  readonly before?: ListedPat;
} & (
  | {
      readonly done: 'kept';
      readonly pat: ListedPat;
      readonly why: string;
      readonly due: Date;
      readonly tidied: Superseded;
    }
  | {
      readonly done: 'rotated';
      readonly pat: ListedPat;
      readonly why: string;
      readonly due: Date;
      readonly tidied: Superseded;
    }
  | { readonly done: 'would rotate'; readonly why: string }
  /** Another rotation recorded its generation; ours was revoked. */
  | { readonly done: 'overtaken'; readonly why: string }
  /** With `whatIf`, a store that only the PAT of a write could read. */
  | { readonly done: 'not known'; readonly failure: Failure }
  | { readonly done: 'failed'; readonly failure: Failure }
);

export interface Superseded {
  readonly revoked: readonly ListedPat[];
  readonly wouldBeRevoked: readonly ListedPat[];
  readonly remaining: readonly { readonly pat: ListedPat; readonly failure: Failure }[];
}

/** Rotates one PAT when it is due, and revokes the generations that nobody needs any more. Never throws. */
export async function rotateEntry(
  state: RotationState,
  request: RotationRequest,
  pats: UserPats,
  effects: Effects,
): Promise<Result> {
  const { entry, store, recordedId, current } = state;
  const seen = { authorizationId: recordedId };
  const common = { entry, place: store.place, ...(current === undefined ? {} : { before: current }) };
  const tidyUp = (recorded: Recorded) => revokeSuperseded(state, recorded, request, pats, effects);
  try {
    const decision = decide(state, request.force, effects.clock.now());
    if (!decision.rotate) {
      const { pat, why, due } = decision;
      const recorded = recordedOf(pat, undefined, effects.clock.now());
      return { ...common, done: 'kept', pat, why, due, tidied: await tidyUp(recorded) };
    }
    if (!entry.takeOver && isSomebodyElses(state)) throw notOurs(state);
    if (request.whatIf) return { ...common, done: 'would rotate', why: decision.why };

    const outcome = await replace(state, request, pats, effects);
    if (outcome === 'overtaken')
      return { ...common, done: 'overtaken', why: 'another rotation of this name recorded its own' };
    const tidied = await tidyUp(recordedOf(outcome, seen, effects.clock.now()));
    const due = new Date(outcome.validTo.getTime() - entry.renewBefore);
    return { ...common, done: 'rotated', pat: outcome, why: decision.why, due, tidied };
  } catch (error) {
    return { ...common, done: 'failed', failure: asFailure(error) };
  }
}

/**
 * Create, verify, write value and record in one, read the record back. What fails before the commit revokes the new
 * generation: nothing changed. So does losing to another rotation.
 */
async function replace(
  { entry, store, lineage, recordedId, exclusively }: RotationState,
  { organization }: RotationRequest,
  pats: UserPats,
  effects: Effects,
): Promise<IssuedPat | 'overtaken'> {
  const record = new StepLedger(processMemory());
  const { scopes, validFor } = entry;
  const nextName = () => generationName(lineage, effects.nonce());
  return allOrNothing(record, pats, effects, async () => {
    const made = await createPat({ organization, scopes, validFor, nextName }, pats, record, effects);
    checkComplete(made, scopes);
    await verifyAll([made], effects);
    const generation = { ...made, validFrom: made.validFrom ?? effects.clock.now() };
    const outcome = await commit(generation, recordedId, store, exclusively, effects).catch(
      async (error: unknown) => {
        if (!(error instanceof CommitFailure)) throw error;
        if (error.mayRevoke) throw error.failure;
        await record.forget(made.displayName);
        throw undecided(made, store.place, error.failure);
      },
    );
    if (outcome.kind === 'lost' && outcome.mayArrive) {
      await record.forget(made.displayName);
      effects.agent.warning(mayArrive(made, store.place));
      return 'overtaken';
    }
    if (outcome.kind === 'lost') {
      const remaining = await revokeRecorded(
        record,
        pats.cleanup,
        effects.cleanup,
        ROTATION.revokeSuperseded,
      );
      for (const left of remaining) effects.agent.warning(remainingText(left));
      return 'overtaken';
    }
    await record.forget(made.displayName);
    return made;
  });
}

/** A job may do with less; whoever reads the store would fail without a word. */
function checkComplete(made: IssuedPat, scopes: readonly string[]): void {
  const granted = scopesOf(made);
  if (granted.length === 0 || isSameAccess(granted, scopes)) return;
  throw new Failure(
    'pat-refused',
    `${made.organization.name} granted other scopes than asked (${sanitize(made.scope)}), which is no use in a store.`,
    'Ask for what policies and the rights of the issuing user allow. The store keeps what it had.',
  );
}

function undecided(pat: IssuedPat, place: string, failure: Failure): Failure {
  return new Failure(
    failure.topic,
    `${failure.what} It is not known whether the ${place} holds PAT "${pat.displayName}" (authorization id ${pat.authorizationId}), so it stays alive, until ${formatMoment(pat.validTo)} at the longest.`,
    `${failure.repair} Run again: the next run finds it recorded, or revokes it.`,
  );
}

function mayArrive(pat: IssuedPat, place: string): string {
  return (
    `The ${place} names the PAT of another rotation, but a write of this one may still arrive. So PAT "${pat.displayName}" ` +
    `(authorization id ${pat.authorizationId}) stays alive, until ${formatMoment(pat.validTo)} at the longest: the next run finds it recorded, or revokes it.`
  );
}

function notOurs({ store, current }: RotationState): Failure {
  const what =
    current === undefined
      ? 'holds a value, and no record that a rotation put it there'
      : `names PAT "${sanitize(current.displayName, 128)}", which is not one of its generations`;
  return new Failure(
    'store-not-usable',
    `The ${store.place} ${what}.`,
    'Choose another place. If it is to be overwritten, once and for good, set takeOver: true.',
  );
}

function recordedOf(pat: ListedPat, previous: Recorded['previous'], now: Date): Recorded {
  return { authorizationId: pat.authorizationId, validFrom: pat.validFrom ?? now, previous };
}

/** One failure does not stop the others. */
async function revokeSuperseded(
  { entry, generations }: RotationState,
  recorded: Recorded,
  { organization, whatIf }: RotationRequest,
  pats: UserPats,
  effects: Effects,
): Promise<Superseded> {
  const old = noLongerNeeded(generations, recorded, entry.overlap, effects.clock.now());
  if (whatIf) return { revoked: [], wouldBeRevoked: old, remaining: [] };
  const api = pats.in(organization);
  const revoked: ListedPat[] = [];
  const remaining: { pat: ListedPat; failure: Failure }[] = [];
  for (const pat of old) {
    try {
      await api.revoke(pat.authorizationId, retryFor(effects, ROTATION.revokeSuperseded));
      revoked.push(pat);
    } catch (error) {
      remaining.push({ pat, failure: asFailure(error) });
    }
  }
  return { revoked, wouldBeRevoked: [], remaining };
}
