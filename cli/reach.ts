import type { HttpRequest } from '#http/http';
import type { Organization } from '#azure-devops/organization';
import { elsewhere, isAmong } from '#azure-devops/origins';

/**
 * Where a command may send a credential: to the organization that the person named, and to the authority that the person
 * or that organization named. It is empty until a command has read its options.
 */
export class Reach {
  readonly #organizations: Organization[] = [];
  readonly #authorities = new Set<string>();

  /** The person named it. */
  addOrganization(organization: Organization): void {
    this.#organizations.push(organization);
  }

  /** The origin of an authority that goes together with the organization. */
  addAuthority(authority: string): void {
    this.#authorities.add(authority);
  }

  /** The last look before a byte is sent. @throws Failure `host-not-allowed` */
  assertAmong(request: HttpRequest): void {
    const origins = {
      organizations: this.#organizations,
      authorities: this.#authorities,
      loopback: new Set<string>(),
      home: undefined,
    };
    // No command has a vault, nor the token of a job.
    if (request.service !== 'key-vault' && isAmong(origins, request, false)) return;
    throw elsewhere(request, EXPECTED, 'Check --organization and --authority-url.');
  }
}

const EXPECTED = {
  'azure-devops': 'the organization of this command',
  entra: 'the Entra authority of this command',
  'key-vault': 'anything that this command needs',
} as const;
