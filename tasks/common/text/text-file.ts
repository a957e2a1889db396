import { constants, open, type FileHandle } from 'node:fs/promises';

/**
 * Reads a text file that a user named. What is no ordinary file is not waited for: a pipe that nobody writes to, or a
 * device without an end. What is too large is not read to its end.
 *
 * @param largest bytes
 * @returns the text, or a fault that continues "Input name:"
 */
export async function readTextFile(
  path: string,
  largest: number,
): Promise<{ readonly text: string } | { readonly fault: string }> {
  let file: FileHandle | undefined;
  try {
    // Windows has no such flag: it counts as 0.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) return { fault: `"${path}" is not a file` };
    const bytes = await readAtMost(file, largest + 1);
    return bytes.length > largest
      ? { fault: `"${path}" is larger than ${Math.round(largest / 1024)} KB` }
      : { text: bytes.toString('utf8') };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { fault: `"${path}" cannot be read (${reason}); is it checked out?` };
  } finally {
    await file?.close();
  }
}

/** The size of some files, those of /proc among them, tells nothing. */
async function readAtMost(file: FileHandle, most: number): Promise<Buffer> {
  const buffer = Buffer.alloc(most);
  let length = 0;
  while (length < most) {
    const { bytesRead } = await file.read(buffer, length, most - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
