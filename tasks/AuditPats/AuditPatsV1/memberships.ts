import { AUDIT } from '#agent/budgets';
import { withTimeout, type RetryPolicy } from '#http/retry';
import type { Graph, GraphUser } from '#azure-devops/graph';
import { Failure } from '#advice/failure';
import type { InventoryUser } from './inventory.js';
import { notCancelled } from './missing.js';

/** `failure`: why it is not known. */
export interface Membership {
  readonly state: InventoryUser['state'];
  readonly failure?: Failure;
}

/**
 * Whether users are active. Each is asked about: that the service does not answer for one says nothing of the next.
 * Only, while it does not answer at all, nobody waits long for it.
 */
export class Memberships {
  #answers = true;

  constructor(
    private readonly graph: Graph,
    private readonly policy: RetryPolicy,
  ) {}

  async of({ descriptor, deleted }: GraphUser): Promise<Membership> {
    if (deleted) return { state: 'inactive' };
    const policy = withTimeout(this.policy, this.#answers ? AUDIT.membership : AUDIT.membershipAfterFailure);
    try {
      const active = await this.graph.isActiveMember(descriptor, policy);
      this.#answers = true;
      if (active !== undefined) return { state: active ? 'active' : 'inactive' };
      return { state: 'unknown', failure: notSaid() };
    } catch (error) {
      const failure = notCancelled(error);
      this.#answers = false;
      return { state: 'unknown', failure };
    }
  }
}

function notSaid(): Failure {
  return new Failure('pat-answer-not-usable', 'The service does not say it.', '');
}
