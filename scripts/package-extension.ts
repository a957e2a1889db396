import { execFile } from 'node:child_process';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BuildFault, buildExtension } from './build.js';
import type { Flavour } from './flavour.js';
import { dist, root } from './paths.js';
import { makeReproducible } from './reproducible-zip.js';

export interface Package {
  readonly path: string;
  readonly bytes: number;
  readonly files: number;
}

/**
 * Builds the extension and packs it with tfx, which only warns about much that would fail later: a warning fails here.
 * @throws BuildFault
 */
export async function packageExtension(flavour: Flavour): Promise<Package> {
  const folder = await buildExtension(flavour);
  const tfx = join(root, 'node_modules', 'tfx-cli', '_build', 'tfx-cli.js');
  const outcome = await promisify(execFile)(
    process.execPath,
    [
      tfx,
      'extension',
      'create',
      '--root',
      folder,
      '--output-path',
      dist,
      '--json',
      '--no-color',
      '--no-prompt',
    ],
    { cwd: folder, env: { ...process.env, TFX_TRACE: '' } },
  ).catch((error: unknown) => {
    throw new BuildFault(
      `tfx could not pack the extension: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  const said = `${outcome.stderr}\n${outcome.stdout}`;
  if (/\bwarn(ing)?\b/i.test(said)) throw new BuildFault(`tfx warns:\n${said.trim()}`);
  const path = packedPath(outcome.stdout);
  await makeReproducible(path);
  for (const other of await readdir(dist)) {
    const sameFlavour = other.endsWith('.vsix') && other.includes('.job-pat-dev-') === (flavour === 'dev');
    if (sameFlavour && join(dist, other) !== path) await rm(join(dist, other));
  }
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(entry =>
    entry.isFile(),
  ).length;
  return { path, bytes: (await stat(path)).size, files };
}

function packedPath(stdout: string): string {
  const report: unknown = JSON.parse(stdout.slice(stdout.indexOf('{')));
  if (typeof report === 'object' && report !== null && 'path' in report && typeof report.path === 'string') {
    return report.path;
  }
  throw new BuildFault(`tfx did not say where the package is:\n${stdout}`);
}
