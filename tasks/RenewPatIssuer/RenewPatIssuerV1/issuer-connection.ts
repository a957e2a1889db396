import { RENEWAL } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import { withTimeout, retry, waitOrGiveUp, type RetryPolicy } from '#http/retry';
import {
  descriptionsOf,
  isShownWhole,
  LONGEST_DESCRIPTION,
  withDescription,
  withParameter,
} from '#azure-devops/edit-connection';
import { lastRenewal, renewalAt, withRenewal, type Renewal } from '#pat/renewal-tag';
import {
  serviceConnections,
  type FoundConnection,
  type ServiceConnections,
} from '#azure-devops/service-connections';
import type { StoreIdentity } from '../../common/stores/store-identity.js';
import { Failure } from '#advice/failure';
import { formatMoment } from '#text/lifetime';
import { sanitize } from '#text/sanitize';
import type { RenewRequest } from './request.js';

/** After a write of which nobody knows whether it was carried out: it may be sent again, since it says the same. */
const MOST_WRITES = 3;
const FIRST_WAIT = 2_000;

const ADMINISTRATOR =
  'the role Administrator of the connection (Project settings, Service connections, the connection, Security)';

/** The service connection as it is stored, which is more than the agent hands over. */
export class IssuerConnection {
  readonly #request: RenewRequest;
  readonly #effects: Effects;
  readonly #connections: ServiceConnections;
  readonly #who: string;
  #found: FoundConnection;
  #inDoubt = false;

  private constructor(
    request: RenewRequest,
    effects: Effects,
    connections: ServiceConnections,
    who: string,
    found: FoundConnection,
  ) {
    this.#request = request;
    this.#effects = effects;
    this.#connections = connections;
    this.#who = who;
    this.#found = found;
  }

  /** Reads the connection as the identity that will write it. @throws Failure */
  static async open(
    request: RenewRequest,
    signIn: StoreIdentity,
    effects: Effects,
  ): Promise<IssuerConnection> {
    const { project, connectionId } = request;
    const { who, writer } = signIn;
    const connections = serviceConnections({ project, who, reader: writer, writer });
    const found = await connections.read(connectionId, retryFor(effects, RENEWAL.connection));
    const opened = new IssuerConnection(
      request,
      effects,
      connections,
      signIn.who,
      checked(found, request, signIn.who),
    );
    opened.#assertRoom();
    return opened;
  }

  /** For a log line. */
  get name(): string {
    return `service connection "${sanitize(this.#found.name, 80)}"`;
  }

  /** When the stored refresh token was issued, as far as the connection tells. */
  get renewed(): Renewal | undefined {
    return this.#renewalIn(this.#found);
  }

  /** Whether a write was sent of which nobody knows what became. */
  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  /**
   * Writes the newer refresh token and the moment of its issue in one request, and reads back that the connection took
   * them.
   * @throws Failure `store-refused` when nothing was written, any other Failure when that is not known
   */
  async writeBack(refreshToken: string): Promise<Renewal> {
    const { clock, agent } = this.#effects;
    const policy = retryFor(this.#effects, RENEWAL.connection);
    const before = this.renewed?.text;
    const renewal = renewalAt(clock.now(), this.#effects.nonce());
    for (let writes = 1; ; writes++) {
      const outcome = await this.#connections.update(this.#changed(refreshToken, renewal), policy);
      if (outcome.kind === 'refused') throw outcome.failure;
      if (outcome.kind === 'later') {
        const { what, repair, facts } = outcome.failure;
        const refused = new Failure('store-refused', what, repair, { facts });
        await waitOrGiveUp(policy, refused, outcome.wait, FIRST_WAIT * writes);
        await this.#read(policy);
        continue;
      }
      this.#inDoubt = true;
      if (outcome.kind === 'unclear')
        agent.info(`${outcome.failure.what} It is not clear whether the connection was written: reading it.`);
      const now = await this.#readBack(before, withTimeout(policy, RENEWAL.readBack));
      if (now !== undefined) {
        this.#inDoubt = false;
        if (now.text !== renewal.text)
          agent.info('Another run renewed it at the same time; its refresh token is in place.');
        return now;
      }
      if (outcome.kind === 'written') {
        throw new Failure(
          'store-not-usable',
          `${this.#request.organization.name} took the newer refresh token for ${this.name}, and does not show it.`,
          'Run again; if it stays so, look at the description of the connection, which holds the moment of its renewal.',
        );
      }
      if (writes >= MOST_WRITES) throw outcome.failure;
      await waitOrGiveUp(policy, outcome.failure, outcome.wait, FIRST_WAIT * writes);
    }
  }

  /** The renewal that the connection tells of, as soon as it is another than before; undefined when it stays. */
  async #readBack(before: string | undefined, policy: RetryPolicy): Promise<Renewal | undefined> {
    const unchanged = new Failure('store-not-usable', 'The connection does not show the write yet.', '');
    try {
      return await retry(policy, async () => {
        await this.#read(policy);
        const now = this.renewed;
        return now === undefined || now.text === before ? { later: unchanged } : { done: now };
      });
    } catch (error) {
      if (error === unchanged) return undefined;
      throw error;
    }
  }

  async #read(policy: RetryPolicy): Promise<void> {
    const found = await this.#connections.read(this.#request.connectionId, policy);
    this.#found = checked(found, this.#request, this.#who);
  }

  #changed(refreshToken: string, renewal: Renewal) {
    const { signIn, project } = this.#request;
    const { raw } = this.#found;
    const { clientSecret } = signIn.entra;
    // Whether a secret that is sent as null stays is not published, so what is held is sent.
    const whole = clientSecret === undefined ? raw : withParameter(raw, 'clientSecret', clientSecret);
    return withDescription(withParameter(whole, 'apitoken', refreshToken), project, text =>
      withRenewal(text, renewal),
    );
  }

  #renewalIn({ raw }: FoundConnection): Renewal | undefined {
    return lastRenewal(descriptionsOf(raw, this.#request.project), this.#effects.clock.now());
  }

  #assertRoom(): void {
    const renewal = renewalAt(this.#effects.clock.now(), '00000000');
    const descriptions = descriptionsOf(this.#found.raw, this.#request.project);
    if (descriptions.every(text => withRenewal(text, renewal).length <= LONGEST_DESCRIPTION)) return;
    throw new Failure(
      'store-not-usable',
      `The description of ${this.name} has no room for the line job-pat:renewed/${formatMoment(renewal.at)}: ${LONGEST_DESCRIPTION} characters are the most.`,
      'Shorten the description by 60 characters.',
    );
  }
}

function checked(
  found: FoundConnection | undefined,
  { connectionId, organization }: RenewRequest,
  who: string,
): FoundConnection {
  if (found === undefined) {
    throw new Failure(
      'store-not-usable',
      `${organization.name} does not show ${who} the service connection ${connectionId} in the project of this run.`,
      `Give that identity ${ADMINISTRATOR}.`,
    );
  }
  if (isShownWhole(found)) return found;
  throw new Failure(
    'store-not-usable',
    `${organization.name} shows ${who} only a part of service connection "${sanitize(found.name, 80)}", which cannot be sent back whole.`,
    `Give that identity ${ADMINISTRATOR}.`,
  );
}
