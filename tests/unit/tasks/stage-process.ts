import { build } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leanTaskLib } from '../../../scripts/lean-task-lib.js';
import { root } from '../../../scripts/paths.js';

/** A logging command as it stands in the output. */
export interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly value: string;
}

export interface StageEnd {
  readonly output: string;
  readonly exitCode: number | null;
  readonly commands: readonly Command[];
  /** What lies in the agent's temp folder and in the working directory afterwards. */
  readonly leftBehind: readonly string[];
}

export interface Stage {
  readonly process: ChildProcess;
  readonly ended: Promise<StageEnd>;
}

/** Where V8 writes which lines ran, while `npm test` measures it. */
const measured = process.env['NODE_V8_COVERAGE'];

/** Bundles a program of the repository as the build does, for the suite; call the result for its path. */
export function useBundle(program: string): () => string {
  let folder = '';
  const file = () => join(folder, 'program.cjs');
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bundle-'));
    await build({
      entryPoints: [join(root, program)],
      outfile: file(),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      absWorkingDir: root,
      define: { JOB_PAT_VERSION: '"0.0.0"' },
      plugins: [leanTaskLib],
      // Then what runs in another process counts as covered, too.
      sourcemap: measured === undefined ? false : 'inline',
      logLevel: 'error',
    });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  return file;
}

/** Runs a program the way the agent does: its environment and nothing of ours, in a folder of its own, stdin closed. */
export function startStage(
  bundle: string,
  environment: Readonly<Record<string, string>>,
  args: string[] = [],
): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'stage-'));
  const [temp, work] = [join(folder, '_temp'), join(folder, 's')];
  for (const path of [temp, work]) mkdirSync(path);
  const child = spawn(process.execPath, [bundle, ...args], {
    cwd: work,
    env: {
      PATH: process.env['PATH'],
      TF_BUILD: 'True',
      AGENT_VERSION: '4.260.0',
      AGENT_TEMPDIRECTORY: temp,
      AGENT_WORKFOLDER: folder,
      ...(measured !== undefined && { NODE_V8_COVERAGE: measured }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = new Promise<StageEnd>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', exitCode => {
      const leftBehind = [temp, work].flatMap(path => readdirSync(path));
      rmSync(folder, { recursive: true });
      resolve({ output, exitCode, commands: commandsIn(output), leftBehind });
    });
  });
  return { process: child, ended };
}

/** The commands that the agent would find: anywhere in a line, any case. */
function commandsIn(output: string): Command[] {
  return output.split(/\r\n|\r|\n/).flatMap(line => {
    const [, name, properties = '', value] = /##vso\[([\w.]+)(?: ([^\]]*))?\](.*)$/i.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const pairs = properties.split(';').flatMap(pair => {
      const [key = '', ...rest] = pair.split('=');
      return key === '' ? [] : [[key, unescaped(rest.join('='))] as const];
    });
    return [{ name: name.toLowerCase(), properties: Object.fromEntries(pairs), value: unescaped(value) }];
  });
}

/** The output without the commands by which the agent is told a secret. */
export function withoutSecretCommands(output: string): string {
  return output.replace(
    /^##vso\[task\.(setsecret|setvariable .*issecret=true.*|settaskvariable .*issecret=true.*)\].*$/gm,
    '',
  );
}

function unescaped(text: string): string {
  return text
    .replaceAll('%3B', ';')
    .replaceAll('%5D', ']')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%AZP25', '%');
}
