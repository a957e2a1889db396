import type { Organization, Organizations } from '../organizations.js';
import { sampleFiles } from './sample.js';

const MOST_FILES = 2_000;
const MOST_BYTES = 128 * 1024 * 1024;

/** What became of a file that was sent: a feed never replaces a file of a package, and it is not endless. */
export type Stored = 'stored' | 'exists' | 'full';

/**
 * The files of one feed, as the protocols name them: `npm/<package>/<version>.tgz`, `pypi/<project>/<file>`,
 * `nuget/<id>/<version>/<file>`, `maven/<path>`.
 */
export class Feed {
  readonly #files = new Map<string, Buffer>();
  #bytes = 0;

  constructor(readonly name: string) {
    for (const [path, content] of sampleFiles()) this.put(path, content);
  }

  get(path: string): Buffer | undefined {
    return this.#files.get(path);
  }

  /** Files whose path begins so, without that beginning, in the order in which they came. */
  below(folder: string): string[] {
    return [...this.#files.keys()]
      .filter(path => path.startsWith(folder))
      .map(path => path.slice(folder.length));
  }

  /** @param replace for what is no file of a package, such as an index that a client keeps */
  put(path: string, content: Buffer, { replace = false } = {}): Stored {
    const old = this.#files.get(path);
    if (old && !replace) return 'exists';
    const bytes = this.#bytes + content.length - (old?.length ?? 0);
    if (bytes > MOST_BYTES || (!old && this.#files.size >= MOST_FILES)) return 'full';
    this.#files.set(path, content);
    this.#bytes = bytes;
    return 'stored';
  }
}

/** The feeds of every organization: a first one, and what a test adds. Each holds a sample package of every kind. */
export class Feeds {
  readonly #feeds = new Map<string, Feed>();

  constructor(private readonly organizations: Organizations) {}

  find(organization: Organization, name: string): Feed | undefined {
    const key = keyOf(organization, name);
    if (!this.#feeds.has(key) && name.toLowerCase() === organization.feed.toLowerCase())
      this.#feeds.set(key, new Feed(organization.feed));
    return this.#feeds.get(key);
  }

  /** Adds a feed. Throws when there is no such organization, or when it has one of this name. */
  add(organization: string, name: string): Feed {
    const owner = this.organizations.get(organization);
    if (this.find(owner, name)) throw new Error(`${organization} has a feed ${name} already.`);
    const feed = new Feed(name);
    this.#feeds.set(keyOf(owner, name), feed);
    return feed;
  }
}

function keyOf(organization: Organization, name: string): string {
  return `${organization.id}/${name.toLowerCase()}`;
}
