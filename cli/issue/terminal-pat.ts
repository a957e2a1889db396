import { once } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, asFailure, type FailureTopic } from '#advice/failure';
import { MAIN_STAGE } from '#agent/budgets';
import { bearer } from '#azure-devops/identity';
import type { Organization } from '#azure-devops/organization';
import { HttpFault, type Http } from '#http/http';
import { createPat, type IssuedPat } from '#pat/create-pat';
import { StepLedger, processMemory } from '#pat/ledger';
import { remainingText, revokeRecorded, type Remaining } from '#pat/revoke';
import { terminalPatName } from '#pat/terminal-name';
import { UserPats } from '#pat/user-pats';
import { verifyPat } from '#pat/verify';
import type { TerminalEffects } from '../effects.js';
import type { UserSignIn } from '../sign-in/sign-in.js';
import type { PatRequest } from './pat-request.js';

/** For ending what was made; a request that was cut may arrive half a minute later. Milliseconds. */
const REVOKE_BUDGET = MAIN_STAGE.create;
/** For the answer to a request, once nobody wants what it makes; milliseconds. */
const MOMENT = 3_000;
/** After these another sign-in would not help. */
const NOT_OF_THE_SIGN_IN: ReadonlySet<FailureTopic> = new Set([
  'service-unreachable',
  'service-unavailable',
  'service-throttled',
  'out-of-time',
]);

/** A PAT that a person issues at a terminal. What was made, or may have been, is remembered until it is revoked. */
export class TerminalPat {
  readonly #ledger = new StepLedger(processMemory());
  readonly #request: PatRequest & { readonly organization: Organization };
  readonly #signIn: UserSignIn;
  readonly #effects: TerminalEffects;

  constructor(organization: Organization, request: PatRequest, signIn: UserSignIn, effects: TerminalEffects) {
    this.#request = { ...request, organization };
    this.#signIn = signIn;
    this.#effects = effects;
  }

  /**
   * Makes the PAT and proves it. A request that is under way is not cut at once when the person wants no more: its answer
   * says what to revoke.
   * @throws Failure after which `revoke` has to be called, as after everything else
   */
  async issue(): Promise<IssuedPat> {
    const { organization, scopes, validFor, label } = this.#request;
    const effects = this.#effects;
    const nextName = () =>
      terminalPatName(label, { host: hostname(), time: effects.clock.now() }, effects.nonce());
    const wish = {
      organization,
      scopes,
      validFor,
      nextName,
      mustBeWanted: () => {
        mustBeWanted(effects);
      },
    };
    const late = { ...effects.cleanup, clock: effects.clock, http: cutLate(effects) };
    const pats = new UserPats(bearer('issuing-user', this.#signIn.accessToken), late);
    const pat = await createPat(wish, pats, this.#ledger, late);
    await verifyPat(pat.value, organization, effects);
    mustBeWanted(effects);
    return pat;
  }

  /**
   * Ends whatever was made, also when the sign-in is too old for it by now. What stays alive is told with name and end.
   * @returns whether nothing stays
   */
  async revoke(): Promise<boolean> {
    const { agent } = this.#effects;
    let left = await this.#revokeBy(this.#signIn.accessToken);
    const { renew } = this.#signIn;
    if (renew !== undefined && left.some(({ failure }) => !NOT_OF_THE_SIGN_IN.has(failure.topic))) {
      agent.debug('It could not be revoked with this sign-in: renewing it.');
      const renewed = await renew().catch((error: unknown) => asFailure(error));
      if (renewed instanceof Failure) agent.info(renewed.what);
      else left = await this.#revokeBy(renewed);
    }
    for (const each of left) agent.error(remainingText(each, agent.advice));
    return left.length === 0;
  }

  #revokeBy(accessToken: string): Promise<readonly Remaining[]> {
    const { cleanup } = this.#effects;
    const pats = new UserPats(bearer('issuing-user', accessToken), cleanup);
    // Nobody looks later.
    return revokeRecorded(this.#ledger, pats, cleanup, REVOKE_BUDGET, 'until it cannot arrive');
  }
}

/** Requests that end a moment after the person wanted no more; what they made is then looked for by its name. */
function cutLate({ cleanup, cancelled }: TerminalEffects): Http {
  return async request => {
    const answered = new AbortController();
    const cut = async (): Promise<never> => {
      if (!cancelled.aborted) await once(cancelled, 'abort', { signal: answered.signal });
      await delay(MOMENT, undefined, { signal: answered.signal });
      throw new HttpFault('cancelled', 'Stopped before there was an answer.');
    };
    try {
      return await Promise.race([cleanup.http(request), cut()]);
    } finally {
      answered.abort();
    }
  };
}

/** @throws Failure `cancelled` */
function mustBeWanted({ cancelled }: TerminalEffects): void {
  if (cancelled.aborted) throw new Failure('cancelled', 'Stopped.', '');
}
