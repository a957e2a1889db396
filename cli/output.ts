/** A line that tells of an error where no terminal is open, or none any more. */
export function sayError(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Columns of the screen that shows a result; undefined where there is none. */
export function screenWidth(): number | undefined {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? columns : undefined;
}

/** What became of what was written to standard output and standard error. */
export interface Output {
  /** Waits until all of it has left. @returns why it did not, such as "ENOSPC: no space left on device, write" */
  written(): Promise<string | undefined>;
}

/**
 * Watches both streams from now on: a disk that is full, and a reader that is gone, do not end the process while it
 * still has something to put in order, but it may not end as if all had been told.
 */
export function watchedOutput(
  streams: readonly NodeJS.WritableStream[] = [process.stdout, process.stderr],
): Output {
  let fault: string | undefined;
  for (const stream of streams) {
    stream.on('error', (error: Error) => {
      fault ??= error.message;
    });
  }
  return {
    written: async () => {
      await Promise.all(streams.map(flushed));
      return fault;
    },
  };
}

/** The error of a write is told after its callback. */
function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise(resolve => {
    stream.write('', () => {
      setImmediate(resolve);
    });
  });
}
