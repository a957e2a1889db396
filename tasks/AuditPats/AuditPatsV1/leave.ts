import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Effects } from '../../common/agent/effects.js';
import { Failure } from '../../common/text/failure.js';
import { outsideText } from '../../common/text/outside-text.js';
import { csvOf } from './csv.js';
import { inertJson } from './formats.js';
import type { Inventory } from './inventory.js';
import type { AuditRequest } from './request.js';
import { sarifOf } from './sarif.js';
import { summaryOf } from './summary.js';

/** Where the files are. */
export interface Left {
  readonly inventory: string;
  readonly csv: string;
  readonly sarif: string;
}

const INVENTORY = 'job-pat.inventory';

/**
 * Writes the files and hands summary and inventory to the run. What the agent uploads stands in a folder of this step's
 * own: it reads the files at its leisure, and another audit of the same job must not overwrite them before.
 *
 * @throws Failure `agent-not-usable` when a file cannot be written
 */
export function leave(
  inventory: Inventory,
  { outputFolder }: Pick<AuditRequest, 'outputFolder'>,
  effects: Effects,
): Left {
  const { agent } = effects;
  const temp = agent.variable('Agent.TempDirectory') ?? '';
  if (temp === '')
    throw new Failure(
      'agent-not-usable',
      'The agent does not say where its temporary folder is (Agent.TempDirectory).',
      'Run this task on an agent of Azure Pipelines, and do not overwrite this variable.',
    );
  const own = join(temp, `job-pat-audit-${effects.nonce()}`);
  const folder = outputFolder ?? own;
  const json = inertJson(inventory);
  const files = {
    inventory: join(folder, 'inventory.json'),
    csv: join(folder, 'inventory.csv'),
    sarif: join(folder, 'findings.sarif'),
  };
  const attached = { summary: join(own, 'PAT audit.md'), inventory: join(own, 'inventory.json') };
  try {
    for (const needed of [own, folder]) mkdirSync(needed, { recursive: true });
    writeFileSync(attached.summary, summaryOf(inventory));
    writeFileSync(attached.inventory, json);
    if (folder !== own) writeFileSync(files.inventory, json);
    writeFileSync(files.csv, csvOf(inventory));
    writeFileSync(files.sarif, inertJson(sarifOf(inventory)));
  } catch (error) {
    const reason = outsideText(error instanceof Error ? error.message : String(error));
    throw new Failure(
      'audit-not-written',
      `The files of the audit could not be written: ${reason}.`,
      'Check the input outputFolder and the disk of the agent.',
      { cause: error },
    );
  }
  agent.attachSummary(attached.summary);
  agent.attach(INVENTORY, 'inventory.json', attached.inventory);
  agent.setOutput('inventoryFile', files.inventory);
  agent.setOutput('csvFile', files.csv);
  agent.setOutput('sarifFile', files.sarif);
  return files;
}
