import { createHash } from 'node:crypto';

export interface Project {
  readonly id: string;
  readonly name: string;
}

/** An organization of the emulator: a first project with one Git repository and one feed. */
export interface Organization {
  readonly name: string;
  readonly id: string;
  readonly project: Project;
  readonly repository: { readonly id: string; readonly name: string };
  readonly feed: string;
}

/** Name of the project, the repository and the feed of every organization. */
const sampleName = 'sample';

/** A GUID that is always the same for the same words, so that logs of two runs can be compared. */
export function stableGuid(...words: readonly string[]): string {
  const text = words.join('/');
  const guid = known.get(text) ?? guidOf(text);
  if (known.size < MOST_KNOWN) known.set(text, guid);
  return guid;
}

/** The same few are asked for again and again. */
const known = new Map<string, string>();
const MOST_KNOWN = 1_000;

function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

export function organizationId(name: string): string {
  return stableGuid('organization', name.toLowerCase());
}

/** The organizations that exist; found by name without regard to case. */
export class Organizations {
  readonly #byName = new Map<string, Organization>();

  /** Throws on a name that Azure DevOps would not take. */
  constructor(names: readonly string[]) {
    for (const name of names) {
      if (!/^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/i.test(name)) {
        throw new Error(`"${name}" is no organization name: letters, digits and inner hyphens, 50 at most.`);
      }
      this.#byName.set(name.toLowerCase(), {
        name,
        id: organizationId(name),
        project: { id: stableGuid('project', name), name: sampleName },
        repository: { id: stableGuid('repository', name), name: sampleName },
        feed: sampleName,
      });
    }
  }

  get all(): readonly Organization[] {
    return [...this.#byName.values()];
  }

  find(name: string): Organization | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** Throws when there is no such organization. */
  get(name: string): Organization {
    const organization = this.find(name);
    if (!organization) {
      const names = this.all.map(known => known.name).join(', ');
      throw new Error(`The emulator has no organization "${name}"; it has ${names}.`);
    }
    return organization;
  }
}
