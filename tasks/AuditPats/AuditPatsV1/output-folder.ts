import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '#advice/failure';
import { sanitize } from '#text/sanitize';

/** Where an audit leaves its files. */
export interface Disk {
  /** @throws Failure `audit-not-written` */
  makeFolder(folder: string, nonce: string): void;
  /** @throws Failure `audit-not-written` */
  writeWhole(path: string, content: string, nonce: string): void;
}

/** The disk of the agent. */
export const agentDisk: Disk = { makeFolder, writeWhole };

/**
 * Makes a folder with everything above it, and writes a file there, so that a step hears before its first request that
 * it cannot leave what it finds.
 *
 * @throws Failure `audit-not-written`
 */
function makeFolder(folder: string, nonce: string): void {
  written(() => {
    makeWithParents(folder);
    const probe = join(folder, `.job-pat-${nonce}`);
    writeFileSync(probe, '', { flag: 'wx' });
    rmSync(probe);
  });
}

/**
 * Writes a file whole or not at all, in the place of whatever has its name: what waits there (a FIFO) or leads
 * elsewhere (a link) is replaced, not written to.
 *
 * @throws Failure `audit-not-written`
 */
function writeWhole(path: string, content: string, nonce: string): void {
  written(() => {
    const part = `${path}.${nonce}.part`;
    try {
      writeFileSync(part, content, { flag: 'wx' });
      renameSync(part, path);
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
  });
}

/** `recursive` of mkdir never ends where a file system says that what it just listed is not there, as /proc does. */
function makeWithParents(folder: string): void {
  const wanted: string[] = [];
  for (let path = folder; !isFolder(path); path = dirname(path)) {
    if (dirname(path) === path) break;
    wanted.push(path);
  }
  for (const path of wanted.reverse()) {
    try {
      mkdirSync(path);
    } catch (error) {
      // Somebody else may have made it in between.
      if (!isFolder(path)) throw error;
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function written(work: () => void): void {
  try {
    work();
  } catch (error) {
    const reason = sanitize(error instanceof Error ? error.message : String(error));
    throw new Failure(
      'audit-not-written',
      `The files of the audit could not be written: ${reason}.`,
      'Check the input outputFolder and the disk of the agent.',
      { cause: error },
    );
  }
}
