import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';

/** Why a program cannot be started, as shells tell it apart. */
export type NoProgram = 'not found' | 'not executable';

/**
 * The file that a command names: a path as it is, a name as the first file of PATH that can be run. On Windows the
 * extensions of PATHEXT count. A folder of PATH that is relative is left out: it would change with the working folder.
 */
export function findProgram(
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): { readonly path: string } | NoProgram {
  const isWindows = platform === 'win32';
  const endings = isWindows ? ['', ...(environment['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';')] : [''];
  const isPath = command.includes('/') || (isWindows && command.includes(sep));
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter).filter(isAbsolute);
  const candidates = (isPath ? [command] : folders.map(folder => join(folder, command)))
    // A file without an extension is no program on Windows, unless it is named with its path.
    .flatMap(path =>
      endings.filter(end => !isWindows || isPath || end !== '' || /\.\w+$/.test(path)).map(end => path + end),
    );
  const files = command === '' ? [] : candidates.filter(isFile);
  const program = files.find(canRun);
  if (program !== undefined) return { path: program };
  return files.length > 0 ? 'not executable' : 'not found';
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
