import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';

/** Without it, opening a FIFO waits for somebody to write. Windows has neither; there it is undefined, which adds nothing. */
const WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Reads a text file that an input names, in bounded time and memory: whatever the path leads to, nothing but a file is
 * read, and no more of it than `largest`. The size that a file tells is not believed.
 *
 * @param largest bytes
 * @returns the text, or why there is none; that continues "<path> …"
 */
export function readTextFile(path: string, largest: number): string | { readonly fault: string } {
  let file: number | undefined;
  try {
    file = openSync(path, WITHOUT_WAITING);
    if (!fstatSync(file).isFile()) return { fault: 'is not a file' };
    const bytes = Buffer.alloc(largest + 1);
    let size = 0;
    for (let read = 1; read > 0 && size <= largest; size += read)
      read = readSync(file, bytes, size, bytes.length - size, null);
    if (size > largest) return { fault: `is larger than ${Math.floor(largest / 1024)} KB` };
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, size));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { fault: 'is not text in UTF-8' };
    return { fault: `cannot be read (${code}); is it checked out before this step?` };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Where a file lies, links followed; undefined when there is none. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
