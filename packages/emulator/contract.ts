import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ValidateFunction } from 'ajv';
import { versionOf } from './devops/versions.js';
import type { Call } from './http/call.js';
import type { Reply } from './http/reply.js';
import type { Inspection, Operation } from './http/router.js';
import { hasDocuments, readContract, type Contract, type Version } from './openapi.js';

/** A request or an answer that the published contract does not allow. */
export interface Violation {
  readonly operation: Operation;
  readonly side: 'request' | 'answer';
  readonly version: string;
  readonly problem: string;
}

const versions = ['7.1', '7.2'] as const satisfies readonly Version[];

/** Compiling takes longer than all else at the start of an emulator, and many can be started in one process. */
const compiled = new Map<string, Promise<ReadonlyMap<Version, Contract>>>();

/** Compares requests for PATs and their answers with Azure DevOps' OpenAPI documents, and keeps what differs. */
export class ContractCheck implements Inspection {
  readonly violations: Violation[] = [];

  private constructor(private readonly contracts: ReadonlyMap<Version, Contract>) {}

  /** Reads the documents of the folder. Rejects when one of them is broken. */
  static async read(folder: string): Promise<ContractCheck> {
    const known = compiled.get(folder) ?? readContracts(folder);
    compiled.set(folder, known);
    return new ContractCheck(await known);
  }

  request(call: Call, operation: Operation): void {
    const contract = this.#contractOf(call);
    const note = this.#noting(call, operation, 'request');
    const seen = new Map<string, unknown>();
    for (const [name, value] of call.query) {
      if (seen.has(name)) note(`query parameter ${name} is given twice`);
      seen.set(name, value);
    }
    // The version may stand in the Accept header instead.
    const version = versionOf(call);
    if (version !== undefined) seen.set('api-version', version);
    check(contract.query.get(operation), Object.fromEntries(seen), note);
    const body = contract.body.get(operation);
    if (body) check(body, parsed(call.body), note);
  }

  answer(call: Call, operation: Operation, reply: Reply): void {
    const validate = this.#contractOf(call).answer.get(operation);
    // Other statuses are refusals, which the documents do not describe.
    if (validate && reply.status === 200)
      check(validate, parsed(reply.body), this.#noting(call, operation, 'answer'));
  }

  #noting(call: Call, operation: Operation, side: Violation['side']): (problem: string) => void {
    return problem => {
      this.violations.push({ operation, side, version: versionOf(call) ?? '', problem });
    };
  }

  /** Versions before 7.1 are checked as 7.1. */
  #contractOf(call: Call): Contract {
    const contract = this.contracts.get(versionOf(call)?.startsWith('7.2') === true ? '7.2' : '7.1');
    if (!contract) throw new Error('Both documents were read.');
    return contract;
  }
}

/**
 * The folder of OpenAPI documents: the one named, else JOB_PAT_SPECS, else `shared/specs` beside the repository;
 * undefined when it does not exist.
 */
export function findSpecs(named: string | undefined): string | undefined {
  const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
  const folder = named ?? process.env['JOB_PAT_SPECS'] ?? resolve(repository, '..', 'shared', 'specs');
  return hasDocuments(folder) ? folder : undefined;
}

async function readContracts(folder: string): Promise<ReadonlyMap<Version, Contract>> {
  const contracts = versions.map(async version => [version, await readContract(folder, version)] as const);
  return new Map(await Promise.all(contracts));
}

function check(
  validate: ValidateFunction | undefined,
  value: unknown,
  note: (problem: string) => void,
): void {
  if (!validate || validate(value)) return;
  for (const { instancePath, message = '', params } of validate.errors ?? []) {
    note(`${instancePath === '' ? 'the whole' : instancePath} ${message} ${JSON.stringify(params)}`);
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
