import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { objectOf, objectsOf, parseJsonObject, textOf } from './json.js';
import { type PackageFiles, readPackageFiles } from './package-files.js';
import { parseTaskDefinition, type TaskDefinition } from './task-definition.js';

export interface PackagedTask {
  readonly definition: TaskDefinition;
  /** `publisher.extension.contribution`, lower case: what may stand in front of the task's name. */
  readonly contribution: string;
  /** The task's folder inside the package. */
  readonly folder: string;
}

/** The tasks that an extension package contributes. */
export class TaskPackage {
  readonly tasks: readonly PackagedTask[];
  readonly #files: PackageFiles;

  private constructor(files: PackageFiles, tasks: readonly PackagedTask[]) {
    this.#files = files;
    this.tasks = tasks;
  }

  /** Opens a VSIX, or a folder laid out like one. Throws if it has no manifest or a contributed task.json is broken. */
  static async open(path: string): Promise<TaskPackage> {
    const files = await readPackageFiles(path);
    const manifestFile = files.get('extension.vsomanifest');
    if (manifestFile === undefined) throw new Error(`${path} has no extension.vsomanifest.`);
    const manifest = parseJsonObject(manifestFile.toString('utf8'), 'extension.vsomanifest');
    const extension = extensionName(files.get('extension.vsixmanifest')?.toString('utf8') ?? '');

    const tasks: PackagedTask[] = [];
    for (const contribution of objectsOf(manifest, 'contributions')) {
      if (textOf(contribution, 'type') !== 'ms.vss-distributed-task.task') continue;
      const root = textOf(objectOf(contribution, 'properties'), 'name').replace(/^\/+|\/+$/g, '');
      for (const folder of taskFolders(files, root)) {
        const file = `${folder}/task.json`;
        const definition = parseTaskDefinition(files.get(file)?.toString('utf8') ?? '', file);
        tasks.push({
          definition,
          folder,
          contribution: `${extension}.${textOf(contribution, 'id')}`.toLowerCase(),
        });
      }
    }
    return new TaskPackage(files, tasks);
  }

  /** Finds the newest version of `Name@Major`, or of the name with its contribution in front. */
  find(name: string, major: number): PackagedTask | undefined {
    const wanted = name.toLowerCase();
    return this.tasks
      .filter(({ definition, contribution }) => {
        const own = definition.name.toLowerCase();
        return definition.version.major === major && (wanted === own || wanted === `${contribution}.${own}`);
      })
      .sort((a, b) =>
        b.definition.version.text.localeCompare(a.definition.version.text, 'en', { numeric: true }),
      )[0];
  }

  /**
   * Unpacks a task, read-only, to where the agent keeps it: `<tasks>/<name>_<id>/<version>`. A version that is
   * there already stays as it is. Returns its folder.
   */
  async install(task: PackagedTask, tasksFolder: string): Promise<string> {
    const { name, id, version } = task.definition;
    const target = join(tasksFolder, `${name}_${id}`, version.text.replaceAll('+', '_'));
    const watermark = `${target}.completed`;
    if (existsSync(watermark)) return target;
    const prefix = `${task.folder}/`;
    const folders = new Set([target]);
    for (const [path, content] of this.#files) {
      if (!path.startsWith(prefix)) continue;
      const file = join(target, path.slice(prefix.length));
      if (!file.startsWith(target)) throw new Error(`The package's file ${path} leaves its folder.`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content, { mode: 0o444 });
      folders.add(dirname(file));
    }
    for (const folder of folders) await chmod(folder, 0o555);
    await writeFile(watermark, '');
    return target;
  }
}

/** The server takes task.json from the folder itself, or else from its direct sub-folders. */
function taskFolders(files: PackageFiles, root: string): string[] {
  if (files.has(`${root}/task.json`)) return [root];
  return [...files.keys()]
    .filter(path => path.startsWith(`${root}/`) && /^[^/]+\/task\.json$/.test(path.slice(root.length + 1)))
    .map(path => dirname(path));
}

function extensionName(vsixManifest: string): string {
  const identity = /<Identity\b[^>]*>/.exec(vsixManifest)?.[0] ?? '';
  const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(identity)?.[1] ?? '';
  return `${attribute('Publisher')}.${attribute('Id')}`;
}
