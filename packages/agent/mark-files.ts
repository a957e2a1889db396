import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Files of a few bytes by which the stages of a step hear of each other, and whose process is whose. */
export interface MarkFiles {
  has(file: string): boolean;
  /** Empty when there is none that could be a mark. */
  read(file: string): string;
  /** Made anew, so that nothing that lies there is followed or written over. */
  write(file: string, text: string): void;
  remove(file: string): void;
  /** Of this process. */
  readonly processId: number;
  isAlive(processId: number): boolean;
}

const LARGEST = 20;

/** On the disk of the agent. A folder that cannot be written to leaves a step as it was without marks. */
export const markFiles: MarkFiles = {
  has: file => existsSync(file),
  read: file =>
    attempt(() => {
      const found = lstatSync(file);
      return found.isFile() && found.size <= LARGEST ? readFileSync(file, 'latin1') : '';
    }) ?? '',
  write(file, text) {
    attempt(() => {
      writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    });
  },
  remove(file) {
    attempt(() => {
      rmSync(file);
    });
  },
  processId: process.pid,
  isAlive(processId) {
    try {
      return process.kill(processId, 0);
    } catch (error) {
      // It is there, and belongs to somebody else.
      return error instanceof Error && 'code' in error && error.code === 'EPERM';
    }
  },
};

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
