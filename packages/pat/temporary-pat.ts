import { CANCELLED_STAGE, MAIN_STAGE } from '#agent/budgets';
import type { RedactingEffects } from '#agent/effects';
import type { Organization } from '#azure-devops/organization';
import { asFailure } from '#advice/failure';
import { MINUTE } from '#text/lifetime';
import { createPat, type IssuedPat } from './create-pat.js';
import { StepLedger, processMemory } from './ledger.js';
import { remainingText, revokeRecorded, type Looks } from './revoke.js';
import type { UserPats } from './user-pats.js';
import { verifyPat } from './verify.js';

/** The shortest lifetime that PATs are known to have. */
const LIFETIME = 5 * MINUTE;
/** One that ends sooner is not handed out again: a request that waits its turn may need so long. */
const STILL_GOOD = 2 * MINUTE;

/** A PAT that Job PAT issues to itself, for one thing that it does itself. */
export interface TemporaryPatOptions {
  readonly organization: Organization;
  /** Just what this one thing needs. */
  readonly scopes: readonly string[];
  /** A display name that no other PAT has. In a run it carries the suffix by which the reaper finds it. */
  nextName(): string;
}

/**
 * Lends a PAT of five minutes to `work`, and revokes it when the work is over: done, failed or cancelled. It is issued
 * when it is asked for the first time, and anew when the last one is about to end; its value is masked, and it is
 * proved before it is lent. One that cannot be revoked is a warning with its name and its end.
 *
 * @param pats of the user in whose name it is issued
 * @param work gets a function that gives the value of the PAT
 * @throws Failure what `work` throws, or that no PAT could be issued
 */
export async function withTemporaryPat<T>(
  wish: TemporaryPatOptions,
  pats: UserPats,
  effects: RedactingEffects,
  work: (pat: () => Promise<string>) => Promise<T>,
): Promise<T> {
  const record = new StepLedger(processMemory());
  let current: Promise<IssuedPat> | undefined;

  const issue = async (): Promise<IssuedPat> => {
    const pat = await createPat({ ...wish, validFor: LIFETIME }, pats, record, effects);
    await verifyPat(pat.value, wish.organization, effects);
    return pat;
  };
  /** Several may ask at once, and get the same. */
  const lend = async (): Promise<string> => {
    const asked = current;
    const pat = await (current ??= issue());
    if (pat.validTo.getTime() - effects.clock.now().getTime() >= STILL_GOOD) return pat.value;
    if (current === asked) current = issue();
    return (await current).value;
  };

  let budget: number = MAIN_STAGE.undo;
  // Nobody looks later: there is no stage after this one.
  let looks: Looks = 'until it cannot arrive';
  try {
    return await work(lend);
  } catch (error) {
    if (asFailure(error).topic === 'cancelled') {
      budget = CANCELLED_STAGE.undo;
      looks = 'twice';
    }
    throw error;
  } finally {
    await current?.catch(() => undefined);
    for (const left of await revokeRecorded(record, pats.cleanup, effects.cleanup, budget, looks)) {
      effects.agent.warning(remainingText(left, effects.agent.advice));
    }
  }
}
