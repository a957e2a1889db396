import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { SecretMasker } from './masker.js';

/** The folders of one job, as the agent lays them out; `home` is the home of the agent's user. */
export interface JobFolders {
  readonly root: string;
  readonly home: string;
  /** What a container sees of the root: beside it, so that nothing of the root is above it. */
  readonly containerAgent: string;
  readonly work: string;
  readonly temp: string;
  readonly tools: string;
  readonly tasks: string;
  /** `_work/1`, or `_work/r1` for a release. */
  readonly job: string;
  readonly sources: string;
  readonly staging: string;
  readonly binaries: string;
  readonly testResults: string;
}

/** `deployment` is a job of a classic release for a deployment group; jobs of YAML pipelines are `build`. */
export type HostType = 'build' | 'release' | 'deployment';

export function isRelease(hostType: HostType): boolean {
  return hostType !== 'build';
}

/** Makes the folders, in a fresh place below the system's temp folder unless one is given; empties the temp folder. */
export async function createJobFolders(hostType: HostType, given?: string): Promise<JobFolders> {
  const root = given === undefined ? await mkdtemp(join(tmpdir(), 'agent-')) : resolve(given);
  const work = join(root, '_work');
  const release = isRelease(hostType);
  const job = join(work, release ? 'r1' : '1');
  const folders: JobFolders = {
    root,
    work,
    job,
    home: join(root, 'home'),
    containerAgent: join(`${root}-container`, '__a'),
    temp: join(work, '_temp'),
    tools: join(work, '_tool'),
    tasks: join(work, '_tasks'),
    sources: join(job, release ? 'a' : 's'),
    staging: join(job, 'a'),
    binaries: join(job, 'b'),
    testResults: join(job, 'TestResults'),
  };
  await rm(folders.temp, { recursive: true, force: true });
  for (const folder of Object.values<string>({ ...folders })) {
    if (folder !== folders.containerAgent) await mkdir(folder, { recursive: true });
  }
  if (release) {
    await rm(folders.binaries, { recursive: true, force: true });
    await rm(folders.testResults, { recursive: true, force: true });
  }
  return folders;
}

/** A file that a job left behind. */
export interface Leftover {
  readonly place: 'temp' | 'work tree' | 'home' | 'tasks';
  /** Relative to the place. */
  readonly path: string;
  /** How many of the job's secrets the file holds. */
  readonly secrets: number;
}

/** Remembers what stands in the places of a job, to tell later what was added. */
export class FolderWatch {
  readonly #folders: JobFolders;
  readonly #before: ReadonlySet<string>;

  private constructor(folders: JobFolders, before: ReadonlySet<string>) {
    this.#folders = folders;
    this.#before = before;
  }

  static async start(folders: JobFolders): Promise<FolderWatch> {
    return new FolderWatch(folders, new Set((await listPlaces(folders)).map(({ file }) => file)));
  }

  /** Files that were not there at the start, in the temp folder, the work tree, the home and the tasks' folders. */
  async leftovers(masker: SecretMasker): Promise<Leftover[]> {
    const left: Leftover[] = [];
    for (const { place, root, file } of await listPlaces(this.#folders)) {
      if (this.#before.has(file)) continue;
      // A pipe, or a link to a device, would be read for ever.
      const isFile = (await lstat(file).catch(() => undefined))?.isFile() === true;
      const content = isFile ? await readFile(file, 'latin1').catch(() => '') : '';
      left.push({ place, path: relative(root, file), secrets: masker.countSecretsIn(content) });
    }
    return left;
  }
}

async function listPlaces(
  folders: JobFolders,
): Promise<{ place: Leftover['place']; root: string; file: string }[]> {
  const places = [
    ['temp', folders.temp],
    ['work tree', folders.job],
    ['home', folders.home],
    ['tasks', folders.tasks],
  ] as const;
  const files = [];
  for (const [place, root] of places) {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isDirectory()) files.push({ place, root, file: join(entry.parentPath, entry.name) });
    }
  }
  return files;
}

export async function emptyTempFolder(folders: JobFolders): Promise<void> {
  await rm(folders.temp, { recursive: true, force: true });
  await mkdir(folders.temp, { recursive: true });
}

/** Removes everything; the tasks' folders are read-only and must be opened first. */
export async function removeJobFolders(folders: JobFolders): Promise<void> {
  if (existsSync(folders.tasks)) {
    await chmod(folders.tasks, 0o755);
    for (const entry of await readdir(folders.tasks, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755).catch(() => undefined);
    }
  }
  for (const folder of [folders.root, dirname(folders.containerAgent)])
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
