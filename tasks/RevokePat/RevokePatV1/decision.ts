import type { Failure } from '#advice/failure';
import type { ListedPat } from '#azure-devops/listed-pat';
import type { NamedRun } from '#azure-devops/run';
import type { PatClient } from '#pat/pat-client';

/** What is to become of a PAT, and why. */
export interface Decision {
  readonly client: PatClient;
  readonly pat: ListedPat;
  readonly run: NamedRun | undefined;
  readonly revoke: boolean;
  readonly why: string;
  /** It is kept because nobody can tell whether its job still lives. */
  readonly unclear?: boolean;
  /** It was asked for by its id, and stays for what it is called: more than a line of a table. */
  readonly refused?: boolean;
  /** It was asked for by its id, and nobody can read what it is called. */
  readonly unread?: Failure;
}
