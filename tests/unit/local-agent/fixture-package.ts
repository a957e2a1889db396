import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  type JobOptions,
  type JobResult,
  type PipelineResult,
  runJob,
  runPipeline,
  type StepResult,
  type Timing,
} from '#local-agent/index';

/** A task made for a test: plain JavaScript for each stage. */
export interface FixtureTask {
  readonly name: string;
  readonly main?: string;
  readonly pre?: string;
  readonly post?: string;
  /** Further members of task.json; they win. */
  readonly json?: object;
  readonly files?: Readonly<Record<string, string>>;
}

export const quick: Partial<Timing> = {
  sigintMs: 150,
  sigtermMs: 150,
  pipeMs: 200,
  doneMs: 100,
  retryUnitMs: 5,
  cancelBudgetMs: 5_000,
  minuteMs: 300,
};

const handler = (target: string) => ({ Node20_1: { target } });

/** The files of a package with these tasks, laid out as in a VSIX. */
export function packageFiles(tasks: readonly FixtureTask[]): Record<string, string> {
  const files: Record<string, string> = {
    'extension.vsixmanifest':
      '<PackageManifest><Metadata><Identity Language="en-US" Id="fixtures" Version="1.0.0" Publisher="acme" /></Metadata></PackageManifest>',
    'extension.vsomanifest': JSON.stringify({
      contributions: tasks.map(({ name }) => ({
        id: `${name.toLowerCase()}-task`,
        type: 'ms.vss-distributed-task.task',
        properties: { name: `tasks/${name}` },
      })),
    }),
  };
  tasks.forEach((task, index) => {
    const folder = `tasks/${task.name}/${task.name}V1`;
    files[`${folder}/task.json`] = JSON.stringify({
      id: `0000000${index}-1111-4222-8333-444444444444`,
      name: task.name,
      friendlyName: `${task.name} friendly`,
      version: { Major: 1, Minor: 2, Patch: 3 },
      inputs: [],
      ...(task.pre !== undefined && { prejobexecution: handler('pre.js') }),
      ...(task.main !== undefined && { execution: handler('main.js') }),
      ...(task.post !== undefined && { postjobexecution: handler('post.js') }),
      ...task.json,
    });
    for (const stage of ['pre', 'main', 'post'] as const) {
      const code = task[stage];
      if (code !== undefined)
        files[`${folder}/${stage}.js`] = `const say = text => console.log(text);\n${code}`;
    }
    for (const [path, content] of Object.entries(task.files ?? {})) files[`${folder}/${path}`] = content;
  });
  return files;
}

const folders: string[] = [];

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agent-test-'));
  folders.push(folder);
  return folder;
}

after(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Writes a package as a folder. */
async function writePackage(tasks: readonly FixtureTask[]): Promise<string> {
  const root = await temporaryFolder();
  for (const [path, content] of Object.entries(packageFiles(tasks))) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

type Shortcuts = Partial<Omit<JobOptions, 'vsix' | 'pipeline'>> & { readonly jobVariables?: object };

/** Runs steps with these tasks, quickly. */
export async function run(
  tasks: readonly FixtureTask[],
  steps: readonly object[],
  { jobVariables, ...options }: Shortcuts = {},
): Promise<JobResult> {
  return runJob({
    vsix: await writePackage(tasks),
    pipeline: { steps, ...(jobVariables && { variables: jobVariables }) },
    collectionUrl: 'http://127.0.0.1:9/contoso',
    timing: quick,
    ...options,
  });
}

/** Runs a pipeline file's text with these tasks, quickly. */
export async function runYaml(
  tasks: readonly FixtureTask[],
  yaml: string,
  options: Shortcuts = {},
): Promise<PipelineResult> {
  const file = join(await temporaryFolder(), 'pipeline.yml');
  await writeFile(file, yaml);
  const vsix = await writePackage(tasks);
  return runPipeline({
    vsix,
    pipeline: file,
    collectionUrl: 'http://127.0.0.1:9/contoso',
    timing: quick,
    ...options,
  });
}

/** The stage of a step; fails if it is not there. */
export function stageOf(job: JobResult, name: string, stage: StepResult['stage'] = 'main'): StepResult {
  const found = job.steps.find(step => step.name === name && step.stage === stage);
  if (found === undefined) throw new Error(`There is no ${stage} stage of ${name} in:\n${job.log}`);
  return found;
}

/** The JSON that a task printed in a line `<label>=<json>`. */
export function printed(job: JobResult, label: string): unknown {
  const line = job.steps
    .flatMap(step => step.rawOutput.split('\n'))
    .find(text => text.startsWith(`${label}=`));
  if (line === undefined) throw new Error(`Nothing printed ${label}= in:\n${job.log}`);
  return JSON.parse(line.slice(label.length + 1));
}

/** A zip file with these entries, stored without compression. */
export function zip(files: Readonly<Record<string, string>>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const [name, data] = [Buffer.from(path), Buffer.from(content)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const entry = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data]);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), common, place, name]));
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(local.length, 4);
  end.writeUInt16LE(local.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06'), end]);
}
