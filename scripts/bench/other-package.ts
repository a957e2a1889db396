import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readPackageFiles } from '#local-agent/package-files';
import { root } from '../paths.js';

const run = promisify(execFile);

/** Another version of the extension, to measure beside today's. */
export interface OtherPackage {
  readonly label: string;
  /** The folder of its tasks. */
  readonly tasks: string;
  remove(): Promise<void>;
}

/**
 * Unpacks another version: a VSIX, or a commit of this repository, whose package is built in a folder of its own.
 * @throws Error when there is no such file or commit, or it cannot be built
 */
export async function otherPackage(pathOrCommit: string): Promise<OtherPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'job-pat-other-'));
  const remove = () => rm(folder, { recursive: true });
  try {
    const vsix = pathOrCommit.endsWith('.vsix') ? pathOrCommit : await packageOf(pathOrCommit, folder);
    for (const [path, content] of await readPackageFiles(vsix)) {
      if (!path.startsWith('tasks/')) continue;
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  const label = pathOrCommit.endsWith('.vsix') ? basename(pathOrCommit, '.vsix') : pathOrCommit;
  return { label, tasks: join(folder, 'tasks'), remove };
}

/** Builds the package of a commit, with the modules that are installed here. */
async function packageOf(commit: string, folder: string): Promise<string> {
  const source = join(folder, 'source');
  await run('git', ['worktree', 'add', '--quiet', '--detach', source, commit], { cwd: root });
  try {
    await symlink(join(root, 'node_modules'), join(source, 'node_modules'));
    await run(process.execPath, ['--import', 'tsx', join('scripts', 'package.ts')], { cwd: source });
    const built = (await readdir(join(source, 'dist'))).find(file => file.endsWith('.vsix'));
    if (built === undefined) throw new Error(`The build of ${commit} left no package.`);
    const kept = join(folder, built);
    await copyFile(join(source, 'dist', built), kept);
    return kept;
  } finally {
    await run('git', ['worktree', 'remove', '--force', source], { cwd: root });
  }
}
