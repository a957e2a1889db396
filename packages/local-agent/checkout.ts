import { join } from 'node:path';

/** An address that a file names, and what stands in for it. */
export interface Address {
  readonly named: string;
  readonly local: string;
}

/** A text in which addresses lead to what stands in for them; the first that fits counts. */
export function withAddresses(text: string, addresses: readonly Address[]): string {
  return addresses.reduce(
    (changed, { named, local }) =>
      changed.replace(new RegExp(`${escaped(named)}(?![\\w-]|\\.\\w)`, 'gi'), () => local),
    text,
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The script that brings a folder to the sources of a job, with these addresses in its texts. */
export function checkoutScript(folder: string, addresses: readonly Address[]): string {
  const copy = `cp -R ${quoted(folder)}/. "$BUILD_SOURCESDIRECTORY"`;
  if (addresses.length === 0) return copy;
  const program = join(import.meta.dirname, 'checked-out-addresses.mjs');
  const words = [process.execPath, program, JSON.stringify(addresses)].map(quoted).join(' ');
  return `${copy}\n${words} "$BUILD_SOURCESDIRECTORY"`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
