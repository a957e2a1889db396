import { stableGuid, type Organization, type Organizations, type Project } from './organizations.js';

/** The projects of every organization: the first one, and what a test adds. */
export class Projects {
  readonly #byOrganization = new Map<string, Map<string, Project>>();

  constructor(private readonly organizations: Organizations) {
    for (const { id, project } of organizations.all)
      this.#byOrganization.set(id, new Map([[project.id, project]]));
  }

  of(organization: Organization): readonly Project[] {
    return [...this.#in(organization).values()];
  }

  /** A project by id or name, without regard to case. */
  find(organization: Organization, idOrName: string): Project | undefined {
    const asked = idOrName.toLowerCase();
    const projects = this.#in(organization);
    return projects.get(asked) ?? this.of(organization).find(({ name }) => name.toLowerCase() === asked);
  }

  /** Adds a project. Throws when there is no such organization, or when the id is taken. */
  add(organization: string, { id, name }: Partial<Project> = {}): Project {
    const projects = this.#in(this.organizations.get(organization));
    const newName = name ?? `project-${projects.size + 1}`;
    const project = { id: (id ?? stableGuid('project', organization, newName)).toLowerCase(), name: newName };
    if (projects.has(project.id)) throw new Error(`${organization} has a project ${project.id} already.`);
    projects.set(project.id, project);
    return project;
  }

  /** Deletes a project; its runs can no longer be read. */
  remove(organization: string, id: string): void {
    this.#in(this.organizations.get(organization)).delete(id.toLowerCase());
  }

  #in({ id, name }: Organization): Map<string, Project> {
    const projects = this.#byOrganization.get(id);
    if (!projects) throw new Error(`${name} is no organization of this emulator.`);
    return projects;
  }
}
