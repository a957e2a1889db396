import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asObject, asText, parseJson } from '#text/json';
import { root } from './paths.js';

/** A package whose code is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX id, as its package.json says. */
  readonly licence: string;
  readonly licenceText: string;
}

/** The packages that these files of bundles come from, by name. @throws Error for one without licence or version */
export async function bundledPackages(bundledPaths: Iterable<string>): Promise<BundledPackage[]> {
  const names = new Set<string>();
  for (const path of bundledPaths) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1];
    if (name !== undefined) names.add(name);
  }
  return Promise.all([...names].sort().map(readPackage));
}

/** Names, versions and licences of the packages, as their authors ask for. */
export function noticesOf(packages: readonly BundledPackage[]): string {
  const notices = packages.map(({ name, version, licenceText }) => `${name} ${version}\n\n${licenceText}`);
  return `This package contains code of these packages.\n\n${notices.join('\n\n---\n\n')}\n`;
}

async function readPackage(name: string): Promise<BundledPackage> {
  const folder = join(root, 'node_modules', name);
  const manifest = asObject(parseJson(await readFile(join(folder, 'package.json'), 'utf8')));
  const file = (await readdir(folder)).find(entry => /^licen[cs]e/i.test(entry));
  const version = asText(manifest?.['version']);
  const licence = asText(manifest?.['license']);
  if (file === undefined || version === undefined || licence === undefined)
    throw new Error(`${name} has no version, no licence or no licence file; it cannot be shipped.`);
  return { name, version, licence, licenceText: (await readFile(join(folder, file), 'utf8')).trim() };
}
