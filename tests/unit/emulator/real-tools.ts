import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Context } from 'mocha';
import { notHere } from '../../not-here.js';

const root = join(import.meta.dirname, '..', '..', '..');

/** The NuGet client, a program for .NET, which Mono runs where there is no Windows. */
export const nugetClient = ['mono', join(root, 'node_modules', 'nuget-exe', 'nuget-5.8.0.exe')] as const;

/** Where Debian keeps the plugins of Maven; Maven fetches them from the internet otherwise. */
export const mavenPlugins = '/usr/share/maven-repo';

/** Debian's package of the extension `azure-devops` of the Azure CLI, which fetches it from the internet otherwise. */
export const azureDevOpsExtension = '/usr/lib/python3/dist-packages/azext_devops';

/** Skips the test, and says so, on a machine without these programs or files. */
export function needs(context: Context, ...tools: readonly string[]): void {
  const missing = tools.filter(tool => !(tool.includes('/') ? existsSync(tool) : onPath(tool)));
  if (missing.length > 0) notHere(context, `there is no ${missing.join(', no ')} on this machine`);
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What became of a command; `text` is all that it printed. */
export interface Done {
  readonly failed: boolean;
  readonly text: string;
}

/** Runs a tool in a folder that is its home too, with nothing of this process's environment but the search path. */
export async function runTool(
  [program = '', ...words]: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Done> {
  const env = { PATH: process.env['PATH'], HOME: folder, ...environment };
  try {
    const { stdout, stderr } = await promisify(execFile)(program, words, { cwd: folder, env });
    return { failed: false, text: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { failed: true, text: `${stdout}${stderr}${String(error)}` };
  }
}
