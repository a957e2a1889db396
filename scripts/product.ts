import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { asObject, asText, parseJson } from '#text/json';
import { root } from './paths.js';

/** What package.json says of the product. A fork changes it there, and nowhere else. */
export interface Product {
  readonly version: string;
  /** Of the Marketplace. */
  readonly publisher: string;
  /** `https://github.com/owner/name` */
  readonly repository: string;
  readonly issues: string;
}

/** @throws Error naming the field that package.json lacks */
export async function readProduct(): Promise<Product> {
  const manifest = asObject(parseJson(await readFile(join(root, 'package.json'), 'utf8'))) ?? {};
  const text = (name: string, value: unknown): string => {
    const found = asText(value);
    if (found === undefined || found === '') throw new Error(`package.json has no ${name}.`);
    return found;
  };
  const url = text('repository.url', asObject(manifest['repository'])?.['url']);
  return {
    version: text('version', manifest['version']),
    publisher: text('publisher', manifest['publisher']),
    repository: url.replace(/^git\+/, '').replace(/\.git$/, ''),
    issues: text('bugs.url', asObject(manifest['bugs'])?.['url']),
  };
}

/** What a bundle knows of the product (packages/text/product.ts). */
export function definesOf({ version, repository }: Product): Record<string, string> {
  return { JOB_PAT_VERSION: JSON.stringify(version), JOB_PAT_REPOSITORY: JSON.stringify(repository) };
}

/**
 * Makes links of a Markdown text to files of the repository absolute, at the tag of this version: in the Marketplace and in
 * an editor there is no repository around the text. A picture is led to its bytes, not to the page that shows it.
 *
 * @param folder in which the text lies, from the root of the repository
 */
export function withAbsoluteLinks(markdown: string, product: Product, folder = ''): string {
  return markdown.replace(
    /\]\((?!https?:|mailto:|#)([^)\s]+)\)/g,
    (_, path: string) => `](${absolute(posix.join(folder, path), product)})`,
  );
}

/** The address of a file, or a folder, of the repository at the tag of this version. */
export function absolute(path: string, { repository, version }: Product): string {
  const kind = path.endsWith('.png') ? 'raw' : /\.[a-z]+(#|$)/.test(path) ? 'blob' : 'tree';
  return `${repository}/${kind}/v${version}/${path}`;
}
