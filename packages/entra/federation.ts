import { asFailure, Failure } from '#advice/failure';
import { FEDERATION_ADVICE } from '#advice/federation';
export { federatedAdvice } from '#advice/entra-federation';
import type { Log } from '#text/log';
import type { RetryPolicy } from '#http/retry';
import { sanitize } from '#text/sanitize';
import { credentialCommand, otherOwner, readClaims, type Claims } from './assertion.js';
import type { EntraToken } from './entra.js';

/** Whom the application is to trust, and how it is told from others in a command. */
export interface FederatedApplication {
  /** Of the service connection whose OIDC token is the proof. */
  readonly connectionId: string;
  readonly clientId: string;
  readonly kind: 'application' | 'blueprint' | 'azure-application';
}

interface Assertion {
  readonly token: string;
  readonly claims: Claims | undefined;
  readonly usableUntil: Date;
}

/** A step never asks for more: one, and one anew where the first was out of its time range. */
const MOST = 2;
/** Of a token that does not say: they live five minutes, or ten. Milliseconds. */
const UNKNOWN_LIFETIME = 4 * 60_000;
/** What a request to Entra may take. */
const MARGIN = 30_000;

/**
 * The proof of an application by the OIDC token of a service connection. The token stays here, in memory, and serves every
 * sign-in of the step while it lives: it may be sent twice.
 */
export class Federation {
  #assertion: Assertion | undefined;
  #asked = 0;

  /** @param request asks Azure Pipelines for the token, and masks it */
  constructor(
    private readonly application: FederatedApplication,
    private readonly request: (policy: RetryPolicy) => Promise<string>,
    private readonly log: Log,
  ) {}

  /**
   * Signs in with the proof; after Entra found it out of its time range (AADSTS700024), once with a new one.
   *
   * @throws Failure of `signIn`; where Entra knows no such issuer, subject or audience it shows them, and the command that
   *   lets them in. `federation-refused` when the token is of somebody else
   */
  async prove(policy: RetryPolicy, signIn: (assertion: string) => Promise<EntraToken>): Promise<EntraToken> {
    const first = await this.#current(policy);
    try {
      return await signIn(first.token);
    } catch (error) {
      if (codeOf(error) !== 'assertion-time' || this.#asked >= MOST)
        throw await this.#explained(error, first, policy);
    }
    this.log.info('Entra finds the OIDC token out of its time range; asking for a new one, once.');
    this.#assertion = undefined;
    const second = await this.#current(policy);
    try {
      return await signIn(second.token);
    } catch (error) {
      throw await this.#explained(error, second, policy);
    }
  }

  async #current(policy: RetryPolicy): Promise<Assertion> {
    const kept = this.#assertion;
    const isGood = kept !== undefined && kept.usableUntil > policy.clock.now();
    if (kept !== undefined && (isGood || this.#asked >= MOST)) return kept;
    this.#asked += 1;
    const asked = policy.clock.now().getTime();
    const token = await this.request(policy);
    const claims = readClaims(token);
    const usableUntil = new Date(asked + (claims?.lifetime ?? UNKNOWN_LIFETIME) - MARGIN);
    if (claims !== undefined) this.#assertOwn(claims);
    this.#assertion = { token, claims, usableUntil };
    return this.#assertion;
  }

  #assertOwn(claims: Claims): void {
    const { connectionId } = this.application;
    const other = otherOwner(claims, connectionId);
    if (other === undefined) return;
    const subject = `its subject is "${shown(claims.subject)}"`;
    const [whose, code] =
      'pipeline' in other
        ? (['the pipeline as a whole', 'of-the-pipeline'] as const)
        : ([`service connection ${other.connectionId}`, 'of-another-connection'] as const);
    throw new Failure(
      'federation-refused',
      `The OIDC token that was given for service connection ${connectionId} is of ${whose}: ${subject}.`,
      FEDERATION_ADVICE[code],
    );
  }

  async #explained(error: unknown, { claims }: Assertion, policy: RetryPolicy): Promise<Failure> {
    const failure = asFailure(error);
    switch (codeOf(error)) {
      case 'assertion-time':
        return new Failure(
          failure.topic,
          `${failure.what} ${timesOf(claims, policy)}`,
          FEDERATION_ADVICE['out-of-its-time'],
          { cause: failure, facts: failure.facts },
        );
      case 'no-federated-credential':
      case 'subject-case':
      case 'audience': {
        const repair = await this.#howToTrust(failure, claims);
        return new Failure(failure.topic, failure.what, repair, { cause: failure, facts: failure.facts });
      }
      default:
        return failure;
    }
  }

  /** The three things that a federated credential compares, as the token has them, and the command that adds one. */
  async #howToTrust({ repair }: Failure, claims: Claims | undefined): Promise<string> {
    if (claims === undefined)
      return `${repair} Which issuer and subject it has cannot be told: it is no JSON Web Token.`;
    const { issuer, subject, audience } = claims;
    const { clientId, kind } = this.application;
    const lines = [
      `${repair} The OIDC token says:`,
      `issuer: ${shown(issuer)}`,
      `subject: ${shown(subject)}`,
      `audience: ${shown(audience)}`,
    ];
    if (kind !== 'azure-application') {
      lines.push(
        `One command, for a POSIX shell, lets exactly this in, as an owner of the ${kind} or an Application Administrator:`,
        await credentialCommand(claims, clientId, kind),
        'It takes Entra some minutes to know a new credential.',
      );
    }
    return lines.join('\n');
  }
}

/** Longer than what a federated credential can hold: 600 letters. */
const LONGEST_SHOWN = 1_000;

function shown(claim: string): string {
  return sanitize(claim, LONGEST_SHOWN);
}

function timesOf(claims: Claims | undefined, { clock }: RetryPolicy): string {
  const { notBefore, expires } = claims ?? {};
  const range = [notBefore, expires].map(moment => moment?.toISOString() ?? 'a moment that it does not tell');
  return `The OIDC token says that it is good from ${range.join(' to ')}; the clock of this agent says ${clock.now().toISOString()}.`;
}

/** What Entra's refusal is about; undefined for every other failure. */
function codeOf(error: unknown): string | undefined {
  const situation = error instanceof Failure ? error.situation : undefined;
  return situation?.about === 'entra' ? situation.code : undefined;
}
