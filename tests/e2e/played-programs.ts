import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const folders: string[] = [];

/**
 * A search path with programs in front that are not on every machine, each a script of Bash.
 *
 * @returns the value of PATH
 */
export function pathWith(programs: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'job-pat-played-'));
  folders.push(folder);
  for (const [name, lines] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/usr/bin/env bash\nset -euo pipefail\n${lines}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
}

/** Removes what `pathWith` made. */
export function removePlayedPrograms(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}
