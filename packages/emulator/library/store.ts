import type { Organization, Organizations, Project } from '../organizations.js';
import { everybodyAdministers, type Roles } from '../devops/role.js';
import type { Projects } from '../projects.js';

/** A variable as the library keeps it; no answer shows the value of a secret. */
export interface Variable {
  readonly value: string | null;
  readonly isSecret?: boolean;
  readonly isReadOnly?: boolean;
}

/** A project in which a group is shared, with the name it has there. */
export interface GroupReference {
  readonly name: string;
  readonly description: string;
  readonly project: Project;
}

export interface VariableGroup {
  readonly id: number;
  readonly organization: Organization;
  type: string;
  name: string;
  description: string;
  variables: Readonly<Record<string, Variable>>;
  references: readonly GroupReference[];
  roles: Roles;
  readonly createdOn: Date;
  modifiedOn: Date;
}

/** What an update or a creation carries. */
export type GroupChange = Pick<VariableGroup, 'name' | 'description' | 'type' | 'variables' | 'references'>;

export interface VariableGroupSeed {
  /** `contoso` by default. */
  readonly organization?: string;
  readonly name: string;
  readonly variables?: Readonly<Record<string, Variable>>;
  readonly description?: string;
  /** `AzureKeyVault` for one that is linked to a vault. */
  readonly type?: string;
  /** Names or ids of the projects that share it; the first one of the organization by default. */
  readonly projects?: readonly string[];
  readonly roles?: Roles;
}

/** The variable groups of all organizations, with the values of their secrets. */
export class VariableGroups {
  readonly #groups = new Map<number, VariableGroup>();
  #lastId = 0;

  constructor(
    private readonly clock: () => Date,
    private readonly organizations: Organizations,
    private readonly projects: Projects,
  ) {}

  /** Throws when there is no such organization or project. */
  add(seed: VariableGroupSeed): VariableGroup {
    const organization = this.organizations.get(seed.organization ?? 'contoso');
    const { name, description = '' } = seed;
    const references = (seed.projects ?? [organization.project.id]).map(asked => {
      const project = this.projects.find(organization, asked);
      if (project === undefined) throw new Error(`${organization.name} has no project ${asked}.`);
      return { name, description, project };
    });
    const group: VariableGroup = {
      id: ++this.#lastId,
      organization,
      type: seed.type ?? 'Vsts',
      name,
      description,
      variables: seed.variables ?? {},
      references,
      roles: seed.roles ?? everybodyAdministers,
      createdOn: this.clock(),
      modifiedOn: this.clock(),
    };
    this.#groups.set(group.id, group);
    return group;
  }

  /** What a request creates. */
  create(organization: Organization, change: GroupChange): VariableGroup {
    const now = this.clock();
    const moments = { createdOn: now, modifiedOn: now };
    const group = { ...change, ...moments, id: ++this.#lastId, organization, roles: everybodyAdministers };
    this.#groups.set(group.id, group);
    return group;
  }

  /** Takes it out of projects, and away with its last one. */
  remove(group: VariableGroup, projectIds: readonly string[]): void {
    group.references = group.references.filter(({ project }) => !projectIds.includes(project.id));
    if (group.references.length === 0) this.#groups.delete(group.id);
  }

  in(organization: Organization): VariableGroup[] {
    return [...this.#groups.values()].filter(group => group.organization.id === organization.id);
  }

  /** By name, for a test. Throws when there is none. */
  get(name: string): VariableGroup {
    const group = [...this.#groups.values()].find(group => group.name === name);
    if (group === undefined) throw new Error(`There is no variable group ${name}.`);
    return group;
  }

  /** Replaces what an update carries. A secret that comes as null keeps its value. */
  update(group: VariableGroup, change: GroupChange): void {
    const known = group.variables;
    const variables = Object.entries(change.variables).map(([name, variable]): [string, Variable] => {
      const keeps = variable.isSecret === true && variable.value === null;
      return [name, keeps ? { ...variable, value: known[name]?.value ?? null } : variable];
    });
    Object.assign(group, change, { variables: Object.fromEntries(variables), modifiedOn: this.clock() });
  }
}
