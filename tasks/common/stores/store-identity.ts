import type { Asker } from '#advice/asker';

/** In whose name a store of the run's organization is read and written. */
export interface StoreIdentity {
  /** For a message: `the identity of this job (Contoso Build Service)`. */
  readonly who: string;
  /** Whose credential a request carries. */
  asker(purpose: 'read' | 'write'): Asker;
  /**
   * The value of the Authorization header; what it holds is masked.
   * @throws Failure
   */
  authorization(purpose: 'read' | 'write'): Promise<string>;
}
