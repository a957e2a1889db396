import { join } from 'node:path';
import type { Effects } from '#agent/effects';
import { Failure } from '#advice/failure';
import { csvOf } from './csv.js';
import { inertJson } from './formats.js';
import type { Inventory } from './inventory.js';
import type { Disk } from './output-folder.js';
import type { AuditRequest } from './request.js';
import { sarifOf } from './sarif.js';
import { summaryOf } from './summary.js';

/** Where the files are. */
export interface ReportFiles {
  readonly inventory: string;
  readonly csv: string;
  readonly sarif: string;
}

const INVENTORY = 'job-pat.inventory';

/** Folders that are there and can be written to. */
export interface Folders {
  /** Of this step alone: the agent reads what it uploads at its leisure, and another audit must not overwrite it. */
  readonly own: string;
  /** Where the files are that the outputs tell. */
  readonly files: string;
  /** Tells this step's files apart while they are written. */
  readonly nonce: string;
}

/**
 * Makes the folders before anything is asked.
 * @throws Failure `agent-not-usable`, `audit-not-written`
 */
export function makeFolders(
  { outputFolder }: Pick<AuditRequest, 'outputFolder'>,
  disk: Disk,
  effects: Effects,
): Folders {
  const temp = effects.agent.variable('Agent.TempDirectory') ?? '';
  if (temp === '')
    throw new Failure(
      'agent-not-usable',
      'The agent does not say where its temporary folder is (Agent.TempDirectory).',
      'Run this task on an agent of Azure Pipelines, and do not overwrite this variable.',
    );
  const nonce = effects.nonce();
  const own = join(temp, `job-pat-audit-${nonce}`);
  const files = outputFolder ?? own;
  for (const folder of new Set([own, files])) disk.makeFolder(folder, nonce);
  return { own, files, nonce };
}

/**
 * Writes the files and hands summary and inventory to the run.
 * @throws Failure `audit-not-written`
 */
export function writeReports(
  inventory: Inventory,
  { own, files: folder, nonce }: Folders,
  disk: Disk,
  effects: Effects,
): ReportFiles {
  const { agent } = effects;
  const json = inertJson(inventory);
  const files = {
    inventory: join(folder, 'inventory.json'),
    csv: join(folder, 'inventory.csv'),
    sarif: join(folder, 'findings.sarif'),
  };
  const attached = { summary: join(own, 'PAT audit.md'), inventory: join(own, 'inventory.json') };
  const write = (path: string, content: string) => {
    disk.writeWhole(path, content, nonce);
  };
  write(attached.summary, summaryOf(inventory));
  write(attached.inventory, json);
  if (folder !== own) write(files.inventory, json);
  write(files.csv, csvOf(inventory));
  write(files.sarif, inertJson(sarifOf(inventory)));
  agent.attachSummary(attached.summary);
  agent.attach(INVENTORY, 'inventory.json', attached.inventory);
  agent.setOutput('inventoryFile', files.inventory);
  agent.setOutput('csvFile', files.csv);
  agent.setOutput('sarifFile', files.sarif);
  return files;
}
