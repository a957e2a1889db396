import { join } from 'node:path';
import type { Agent } from '#agent/agent';
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

/** Folders of this step, which are there and can be written to before anything is asked. */
export class ReportFolders {
  readonly #disk: Disk;
  readonly #agent: Agent;
  /** Tells this step's files apart while they are written. */
  readonly #nonce: string;
  /** Of this step alone: the agent reads what it uploads at its leisure, and another audit must not overwrite it. */
  readonly #own: string;
  /** Where the files are that the outputs tell. */
  readonly #files: string;

  /** @throws Failure `agent-not-usable`, `audit-not-written` */
  constructor({ outputFolder }: Pick<AuditRequest, 'outputFolder'>, disk: Disk, effects: Effects) {
    this.#disk = disk;
    this.#agent = effects.agent;
    this.#nonce = effects.nonce();
    this.#own = join(temporaryFolder(effects.agent), `job-pat-audit-${this.#nonce}`);
    this.#files = outputFolder ?? this.#own;
    for (const folder of new Set([this.#own, this.#files])) disk.makeFolder(folder, this.#nonce);
  }

  /**
   * Writes the files and hands summary and inventory to the run.
   * @throws Failure `audit-not-written`
   */
  write(inventory: Inventory): ReportFiles {
    const json = inertJson(inventory);
    const files = {
      inventory: join(this.#files, 'inventory.json'),
      csv: join(this.#files, 'inventory.csv'),
      sarif: join(this.#files, 'findings.sarif'),
    };
    const attached = {
      summary: join(this.#own, 'PAT audit.md'),
      inventory: join(this.#own, 'inventory.json'),
    };
    this.#write(attached.summary, summaryOf(inventory));
    this.#write(attached.inventory, json);
    if (this.#files !== this.#own) this.#write(files.inventory, json);
    this.#write(files.csv, csvOf(inventory));
    this.#write(files.sarif, inertJson(sarifOf(inventory)));
    this.#agent.attachSummary(attached.summary);
    this.#agent.attach(INVENTORY, 'inventory.json', attached.inventory);
    this.#agent.setOutput('inventoryFile', files.inventory);
    this.#agent.setOutput('csvFile', files.csv);
    this.#agent.setOutput('sarifFile', files.sarif);
    return files;
  }

  #write(path: string, content: string): void {
    this.#disk.writeWhole(path, content, this.#nonce);
  }
}

function temporaryFolder(agent: Agent): string {
  const folder = agent.variable('Agent.TempDirectory') ?? '';
  if (folder !== '') return folder;
  throw new Failure(
    'agent-not-usable',
    'The agent does not say where its temporary folder is (Agent.TempDirectory).',
    'Run this task on an agent of Azure Pipelines, and do not overwrite this variable.',
  );
}
