import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './paths.js';

/** The licences of the packages whose code is in the bundles. */
export async function noticesFor(bundledPaths: Iterable<string>): Promise<string> {
  const packages = new Set<string>();
  for (const path of bundledPaths) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1];
    if (name !== undefined) packages.add(name);
  }
  const notices = await Promise.all(
    [...packages].sort().map(async name => `${name}\n\n${await licenceOf(name)}`),
  );
  return `This package contains code of these packages.\n\n${notices.join('\n\n---\n\n')}\n`;
}

async function licenceOf(name: string): Promise<string> {
  const folder = join(root, 'node_modules', name);
  const file = (await readdir(folder)).find(entry => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence file; it cannot be shipped.`);
  return (await readFile(join(folder, file), 'utf8')).trim();
}
