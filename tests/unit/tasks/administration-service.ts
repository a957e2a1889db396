import { subjectDescriptorOf } from '#emulator/graph/subject';
import type { User as EmulatedUser } from '#emulator/entra/principals';
import type { Pat } from '#emulator/pats/store';
import { openServices, type Services } from '#emulator/services';
import type { Answer } from './answers.js';
import { emulate } from './emulated.js';
import { START } from './world.js';

interface User {
  readonly descriptor: string;
  readonly account: EmulatedUser;
}

/** What a test says of a token; the service tells the rest. */
interface TokenSeed {
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly scope?: string;
  readonly revoked?: boolean;
  readonly allOrganizations?: boolean;
}

const HOST = 'https://vssps.dev.azure.com';
const PAGE = 3;

/** Graph and the Token Administration API of contoso, as the emulator has them, with users in pages of three. */
export class AdministrationService {
  readonly users: User[] = [];
  readonly requests: { method: string; path: string; query: URLSearchParams; authorization: string }[] = [];
  readonly revocations: unknown[] = [];
  readonly #services: Services;
  readonly #next: Answer[] = [];
  readonly #always: { path: RegExp; answer: Answer }[] = [];

  /** @param now what the clock of the service shows */
  constructor(now = START) {
    this.#services = openServices({ clock: () => now, organizations: ['contoso'] }, () => HOST);
    const { directory, entra, manners } = this.#services;
    manners.usersPerPage = PAGE;
    // Whoever asks is an administrator, and none of the users: `requests` tell what was sent.
    const administrator = entra.addUser({ administrator: true });
    directory.users.length = 0;
    const { value } = entra.issueAccessToken({ user: administrator, scopes: ['user_impersonation'] });
    emulate(
      HOST,
      /^\/contoso\/_apis\/(graph|tokenadmin)\//,
      this.#services,
      ({ method, url, headers, body }) => {
        const path = url.pathname.replace('/contoso/_apis/', '');
        const authorization = headers['authorization'] ?? '';
        this.requests.push({ method, path, query: url.searchParams, authorization });
        if (path.endsWith('revocations')) this.revocations.push(body);
        return this.#next.shift() ?? this.#always.find(one => one.path.test(path))?.answer;
      },
      value,
    );
  }

  /** This answer to every request for such a path. */
  always(path: RegExp, answer: Answer): this {
    this.#always.push({ path, answer });
    return this;
  }

  /** This answer to every request about such a user. */
  alwaysAbout({ descriptor }: User, area: 'graph' | 'tokenadmin', answer: Answer): this {
    return this.always(new RegExp(`^${area}/.*${descriptor}$`), answer);
  }

  next(...answers: Answer[]): this {
    this.#next.push(...answers);
    return this;
  }

  addUser(principalName: string, mailAddress = principalName, active = true): User {
    const account = this.#services.entra.addUser({ principalName, mailAddress, active });
    const user = { descriptor: subjectDescriptorOf(account), account };
    this.users.push(user);
    return user;
  }

  addToken({ account }: User, displayName: string, more: TokenSeed = {}): Pat {
    const { validFrom, validTo = '2026-03-02T00:00:00Z', ...seed } = more;
    const moments = { validTo: new Date(validTo), ...(validFrom && { validFrom: new Date(validFrom) }) };
    const [pat] = this.#services.pats.seed([{ owner: account, displayName, ...moments, ...seed }]);
    if (pat === undefined) throw new Error('The emulator made no PAT.');
    return pat;
  }

  isAlive({ state }: Pat): boolean {
    return state === 'active';
  }

  asked(path: RegExp): URLSearchParams[] {
    return this.requests.filter(request => path.test(request.path)).map(({ query }) => query);
  }
}
