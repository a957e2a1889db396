import { terminalAdvice } from '#advice/terminal';
import type { RedactingEffects } from '#agent/effects';
import { retryFor } from '#agent/effects';
import { REQUEST_TIMEOUT } from '#azure-devops/client';
import type { Organization } from '#azure-devops/organization';
import type { CreateOutcome } from '#azure-devops/pats';
import { processMemory, StepLedger } from '#pat/ledger';
import { remainingText, revokeRecorded, type Remaining } from '#pat/revoke';
import type { UserPats } from '#pat/user-pats';
import { unsaid } from '../unsaid.js';

/** For ending what was made; a request that was cut may arrive half a minute later. Milliseconds. */
const REVOKE_BUDGET = 60_000;

/** PATs that live to be asked about: each is remembered before its request, and none outlives the questions. */
export class BorrowedPats {
  readonly #ledger = new StepLedger(processMemory());
  readonly #pats: UserPats;
  readonly #organization: Organization;
  readonly #effects: RedactingEffects;
  made = 0;

  constructor(pats: UserPats, organization: Organization, effects: RedactingEffects) {
    this.#pats = pats;
    this.#organization = organization;
    this.#effects = effects;
  }

  /** Sends one request. @param validFor milliseconds; negative: an end that has passed. @throws Failure */
  async create(displayName: string, scope: string, validFor: number): Promise<CreateOutcome> {
    const { clock, agent } = this.#effects;
    const asked = clock.now();
    const validTo = new Date(asked.getTime() + validFor);
    await this.#ledger.intend({ organization: this.#organization, displayName, validTo, asked });
    const mask = (value: string) => {
      agent.mask(value);
    };
    const outcome = await this.#pats
      .in(this.#organization)
      .create(
        { displayName, scopes: [scope], validTo },
        mask,
        retryFor(this.#effects, REQUEST_TIMEOUT),
        REQUEST_TIMEOUT,
      );
    if (outcome.kind === 'created') {
      this.made += 1;
      await this.#ledger.confirm(displayName, outcome.pat.authorizationId, outcome.pat.validTo);
    }
    if (outcome.kind === 'refused' || outcome.kind === 'later') await this.#ledger.forget(displayName);
    return outcome;
  }

  /** It has been ended elsewhere. */
  async ended(displayName: string): Promise<void> {
    await this.#ledger.forget(displayName);
  }

  /** Ends whatever may be alive, also after the person wanted no more. @returns a sentence for each that stays */
  async revoke(): Promise<string[]> {
    const { cleanup } = this.#effects;
    const quiet = { ...cleanup, agent: unsaid(cleanup.agent) };
    const left: readonly Remaining[] = await revokeRecorded(
      this.#ledger,
      this.#pats.cleanup,
      quiet,
      REVOKE_BUDGET,
      'until it cannot arrive',
    );
    return left.map(each => remainingText(each, terminalAdvice));
  }
}
