import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '#advice/failure';
import type { Effects } from '#agent/effects';
import type { JobPat } from '#pat/issue';
import { readTextFile, realPath } from '#text/text-file';
import type { GitAuthor } from '#tools/git-author';
import { settingsOfTool } from '#tools/settings-of-tool';
import type { ToolName } from '#tools/tool-names';
import type { ToolContext, ToolVariable } from '#tools/tool-settings';

/** Bytes: no file of settings comes near it. */
const LARGEST_FILE = 1024 * 1024;

/**
 * Sets the variables that tools find the PATs by, and writes the files without secrets that some of them need into the
 * temporary folder of the job, which the agent empties. A line of the log for each tool.
 *
 * @returns the variables that were set
 * @throws Failure `agent-not-usable`
 */
export function makeReady(
  tools: readonly ToolName[],
  pats: readonly JobPat[],
  author: GitAuthor | undefined,
  effects: Effects,
): ToolVariable[] {
  const { agent } = effects;
  const temporary = agent.variable('Agent.TempDirectory') ?? '';
  if (temporary === '') {
    throw new Failure(
      'agent-not-usable',
      'The agent does not say where its temporary folder is (Agent.TempDirectory).',
      'Run without configure, or on an agent that says it.',
    );
  }
  const context: ToolContext = {
    pats,
    author,
    environment: process.env,
    folder: join(temporary, `job-pat-${effects.nonce()}`),
    sources:
      agent.variable('Build.SourcesDirectory') ?? agent.variable('System.DefaultWorkingDirectory') ?? '',
    readText,
    realPath,
  };
  return tools.flatMap(tool => {
    const settings = settingsOfTool(tool, context);
    if (settings.kind === 'left out') {
      agent.warning(`configure: ${tool} is left out: ${settings.reason}.`);
      return [];
    }
    for (const file of settings.files) write(file.path, file.text);
    for (const { name, value, keepsCase } of settings.variables) agent.setJobVariable(name, value, keepsCase);
    const names = settings.variables.map(({ name }) => name);
    agent.info(`${tool}: ${settings.told}. Set until the job ends: ${names.join(', ')}.`);
    return [...settings.variables];
  });
}

/** Undefined also for what is no file, or no text. */
function readText(path: string): string | undefined {
  if (path === '') return undefined;
  const text = readTextFile(path, LARGEST_FILE);
  return typeof text === 'string' ? text : undefined;
}

/** Nobody else on the machine needs to read which organizations there are. */
function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Failure(
      'agent-not-usable',
      `${path} cannot be written (${code}).`,
      'Look at the temporary folder of the agent.',
      {
        cause: error,
      },
    );
  }
}
