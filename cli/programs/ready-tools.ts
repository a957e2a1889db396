import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { IssuedPat } from '#pat/create-pat';
import { readTextFile, realPath } from '#text/text-file';
import { settingsOfTool } from '#tools/settings-of-tool';
import type { ToolName } from '#tools/tool-names';
import type { ToolContext, ToolSettings } from '#tools/tool-settings';
import type { Terminal } from '../terminal.js';

/** Tools to make ready, and whether the person named them. */
export interface AskedTools {
  readonly names: readonly ToolName[];
  readonly byName: boolean;
}

/** What the environment of a command needs so that its tools use the PAT. */
export interface ReadyTools {
  readonly variables: Readonly<Record<string, string>>;
  /** Removes what was written. */
  remove(): Promise<void>;
}

/** Bytes: no file of settings comes near it. */
const LARGEST_FILE = 1024 * 1024;

/**
 * Says to each tool, in the environment of one command, where its PAT is. Files that a tool needs beside that hold no
 * secret; they lie in a folder of their own until the command is over.
 */
export async function readyTools(
  { names, byName }: AskedTools,
  pat: IssuedPat,
  agent: Terminal,
): Promise<ReadyTools> {
  const folder = await mkdtemp(join(tmpdir(), 'job-pat-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    let environment = process.env;
    const variables: Record<string, string> = {};
    for (const name of names) {
      const context: ToolContext = {
        pats: [pat],
        author: undefined,
        environment,
        folder,
        sources: process.cwd(),
        readText,
        realPath,
      };
      const settings = settingsOfTool(name, context);
      report(settings, byName, agent);
      if (settings.kind === 'left out') continue;
      for (const { path, text } of settings.files) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text, { flag: 'wx', mode: 0o600 });
      }
      for (const variable of settings.variables) variables[variable.name] = variable.value;
      environment = { ...environment, ...variables };
    }
    return { variables, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A tool that came with the purpose may well be one that the command never calls. */
function report(settings: ToolSettings, byName: boolean, agent: Terminal): void {
  switch (settings.kind) {
    case 'ready':
      agent.debug(`${settings.tool}: ${settings.told}.`);
      break;
    case 'left out': {
      const text = `${settings.tool} is left out: ${settings.reason}.`;
      if (byName) agent.warning(text);
      else agent.debug(text);
      break;
    }
  }
}

/** Undefined also for what is no file, or no text. */
function readText(path: string): string | undefined {
  const text = path === '' ? { fault: '' } : readTextFile(path, LARGEST_FILE);
  return typeof text === 'string' ? text : undefined;
}
