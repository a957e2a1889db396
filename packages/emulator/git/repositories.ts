import { stableGuid, type Organization, type Organizations, type Project } from '../organizations.js';
import type { Projects } from '../projects.js';

/** A Git repository of a project. */
export interface Repository {
  readonly id: string;
  readonly name: string;
  readonly project: Project;
  readonly organization: Organization;
  /** Of the first commit, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Other repositories that the first commit points to. */
  readonly submodules: readonly Submodule[];
}

export interface Submodule {
  readonly path: string;
  /** What `.gitmodules` says, absolute or relative. */
  readonly url: string;
  /** Whose first commit is meant. */
  readonly of: Repository;
}

/** A repository to be added. */
export interface RepositorySeed {
  readonly name: string;
  /** By name; made when there is none. The first project by default. */
  readonly project?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly submodules?: readonly Submodule[];
}

/** The repositories of every organization: the one that it begins with, and what a test adds. */
export class Repositories {
  readonly #added: Repository[] = [];

  constructor(
    private readonly organizations: Organizations,
    private readonly projects: Projects,
  ) {}

  /** By id or name, without regard to case; a project left out of an address is called like the repository. */
  find(organization: Organization, project: string | undefined, repository: string): Repository | undefined {
    const asked = repository.toLowerCase();
    const place = this.projects.find(organization, project ?? repository);
    const all = [firstOf(organization), ...this.#added.filter(each => each.organization === organization)];
    return all.find(
      each => each.project.id === place?.id && [each.id, each.name.toLowerCase()].includes(asked),
    );
  }

  /** Throws when there is no such organization, or when the project has a repository of this name. */
  add(organizationName: string, seed: RepositorySeed): Repository {
    const organization = this.organizations.get(organizationName);
    const { name, project: asked = organization.project.name, files, submodules = [] } = seed;
    const project =
      this.projects.find(organization, asked) ?? this.projects.add(organization.name, { name: asked });
    if (this.find(organization, project.id, name))
      throw new Error(`${project.name} has a repository ${name} already.`);
    const id = stableGuid('repository', organization.name, project.name, name);
    const first = { 'README.md': readme(name, organization) };
    const repository = { id, name, project, organization, files: files ?? first, submodules };
    this.#added.push(repository);
    return repository;
  }
}

export function firstOf(organization: Organization): Repository {
  const { repository, project } = organization;
  return {
    ...repository,
    project,
    organization,
    files: { 'README.md': readme('Sample', organization) },
    submodules: [],
  };
}

function readme(title: string, { name }: Organization): string {
  return `# ${title}\n\nA repository of the organization ${name}.\n`;
}
