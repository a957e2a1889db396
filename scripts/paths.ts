import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Flavour } from './flavour.js';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
export const dist = join(root, 'dist');

export function stagedExtension(flavour: Flavour): string {
  return join(dist, flavour === 'dev' ? 'extension-dev' : 'extension');
}
