import { AzureDevOpsClient, type Wire } from '#azure-devops/client';
import type { Identity } from '#azure-devops/identity';
import type { Organization } from '#azure-devops/organization';
import { patApi, type PatApi } from '#azure-devops/pats';

/** A wire, and the one that goes on after the step was told to stop. */
interface Wires extends Wire {
  readonly cleanup: Wires;
}

/** The PATs of one user, organization by organization: opened after the sign-in, once for everything that a step does. */
export class UserPats {
  readonly #identity: Identity;
  readonly #wires: Wires;
  readonly #open = new Map<string, PatApi>();
  #cleanup: UserPats | undefined;

  constructor(identity: Identity, wires: Wires) {
    this.#identity = identity;
    this.#wires = wires;
  }

  in(organization: Organization): PatApi {
    const known = this.#open.get(organization.url);
    if (known !== undefined) return known;
    const opened = patApi(new AzureDevOpsClient(this.#identity, organization, this.#wires));
    this.#open.set(organization.url, opened);
    return opened;
  }

  /** The same for cleaning up. */
  get cleanup(): UserPats {
    return (this.#cleanup ??= new UserPats(this.#identity, this.#wires.cleanup));
  }
}
