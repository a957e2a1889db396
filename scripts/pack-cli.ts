import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { asObject, asText, objectsOf, parseJson } from '#text/json';
import { buildCli } from './build-cli.js';
import { dist, root } from './paths.js';
import { readProduct, withAbsoluteLinks } from './product.js';

/** What package.json of the tool takes over from the repository's. */
const SHARED = ['version', 'license', 'author', 'homepage', 'repository', 'bugs', 'engines'] as const;

/**
 * Packs the command line tool for a release: one bundle, its own README, licences and bill of materials, and nothing to
 * install. Beside the tarball lies its checksum, in the form that `sha256sum --check` reads.
 *
 * @returns the paths of both
 */
export async function packCli(): Promise<{ readonly tarball: string; readonly checksum: string }> {
  const folder = dirname(await buildCli());
  const manifest = asObject(parseJson(await readFile(join(root, 'package.json'), 'utf8'))) ?? {};
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify(
      {
        name: 'job-pat',
        description: 'Sets up Job PAT for Azure Pipelines, and says what is wrong with a set-up',
        ...Object.fromEntries(SHARED.map(name => [name, manifest[name]])),
        type: 'module',
        bin: { 'job-pat': 'job-pat.mjs' },
      },
      undefined,
      2,
    )}\n`,
  );
  const readme = await readFile(join(root, 'cli', 'README.md'), 'utf8');
  await writeFile(join(folder, 'README.md'), withAbsoluteLinks(readme, await readProduct(), 'cli'));
  await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const tarball = await pack(folder);
  const checksum = `${tarball}.sha256`;
  const hash = createHash('sha256')
    .update(await readFile(tarball))
    .digest('hex');
  await writeFile(checksum, `${hash}  ${basename(tarball)}\n`);
  return { tarball, checksum };
}

async function pack(folder: string): Promise<string> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { stdout } = await promisify(execFile)(npm, ['pack', '--json', '--pack-destination', dist], {
    cwd: folder,
    shell: process.platform === 'win32',
  });
  const [packed] = objectsOf(parseJson(stdout));
  const name = asText(packed?.['filename']);
  if (name === undefined) throw new Error(`npm pack did not say what it wrote: ${stdout}`);
  return join(dist, name);
}
