import { everybodyAdministers, type Roles } from '../devops/role.js';
import { stableGuid, type Organization, type Organizations, type Project } from '../organizations.js';
import type { Projects } from '../projects.js';

/** A project in which a service connection is used, with the name and description it has there. */
export interface ConnectionReference {
  readonly project: Project;
  readonly name: string;
  readonly description: string;
}

export interface Connection {
  readonly id: string;
  readonly organization: Organization;
  type: string;
  name: string;
  url: string;
  description: string;
  scheme: string;
  data: Readonly<Record<string, string>>;
  /** Authorization parameters, with the values of the secret ones. */
  parameters: Readonly<Record<string, string>>;
  references: readonly ConnectionReference[];
  roles: Roles;
}

export interface ConnectionSeed {
  /** `contoso` by default. */
  readonly organization?: string;
  readonly id?: string;
  readonly name: string;
  readonly type?: string;
  readonly url?: string;
  readonly description?: string;
  readonly scheme?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Names or ids of the projects that share it; the first one of the organization by default. */
  readonly projects?: readonly string[];
  readonly roles?: Roles;
}

/** What an update or a creation carries; null keeps the secret that is there. */
export interface ConnectionChange extends Omit<Connection, 'id' | 'organization' | 'parameters' | 'roles'> {
  readonly parameters: Readonly<Record<string, string | null>>;
}

/** Parameters that no answer shows: those of the schemes Token and UsernamePassword, and of the issuer's type. */
const SECRET = /^(apitoken|password|clientsecret|accesstoken|nugetkey|serviceprincipalkey)$/i;

export function isSecretParameter(name: string): boolean {
  return SECRET.test(name);
}

/** The service connections of all organizations, with their secrets. */
export class Connections {
  readonly #byId = new Map<string, Connection>();

  constructor(
    private readonly organizations: Organizations,
    private readonly projects: Projects,
  ) {}

  /** Throws when there is no such organization or project. */
  add(seed: ConnectionSeed): Connection {
    const organization = this.organizations.get(seed.organization ?? 'contoso');
    const { name, description = '' } = seed;
    const references = (seed.projects ?? [organization.project.id]).map(asked => {
      const project = this.projects.find(organization, asked);
      if (project === undefined) throw new Error(`${organization.name} has no project ${asked}.`);
      return { name, description, project };
    });
    return this.#keep({
      id: (seed.id ?? stableGuid('connection', organization.id, name)).toLowerCase(),
      organization,
      name,
      description,
      references,
      type: seed.type ?? 'generic',
      url: seed.url ?? 'https://example.com/',
      scheme: seed.scheme ?? 'Token',
      data: seed.data ?? {},
      parameters: seed.parameters ?? {},
      roles: seed.roles ?? everybodyAdministers,
    });
  }

  /** What a request creates. */
  create(organization: Organization, change: ConnectionChange): Connection {
    const id = stableGuid('connection', organization.id, change.name, String(this.#byId.size));
    const roles = everybodyAdministers;
    return this.#keep({ ...change, id, organization, roles, parameters: merged(change.parameters, {}) });
  }

  update(connection: Connection, change: ConnectionChange): void {
    Object.assign(connection, change, { parameters: merged(change.parameters, connection.parameters) });
  }

  /** Takes it out of projects, and away with its last one. */
  remove(connection: Connection, projectIds: readonly string[]): void {
    connection.references = connection.references.filter(({ project }) => !projectIds.includes(project.id));
    if (connection.references.length === 0) this.#byId.delete(connection.id);
  }

  in({ id }: Organization): Connection[] {
    return [...this.#byId.values()].filter(({ organization }) => organization.id === id);
  }

  find(name: string): Connection | undefined {
    return [...this.#byId.values()].find(connection => connection.name === name);
  }

  /** By name, for a test. Throws when there is none. */
  get(name: string): Connection {
    const connection = this.find(name);
    if (connection === undefined) throw new Error(`There is no service connection ${name}.`);
    return connection;
  }

  #keep(connection: Connection): Connection {
    this.#byId.set(connection.id, connection);
    return connection;
  }
}

function merged(
  sent: Readonly<Record<string, string | null>>,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = Object.entries(sent).flatMap(([name, value]): [string, string][] => {
    const before = Object.entries(known).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
    const kept = value ?? before;
    return kept === undefined ? [] : [[name, kept]];
  });
  return Object.fromEntries(entries);
}
