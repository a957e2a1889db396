import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { Call } from './http/call.js';
import type { Reply } from './http/reply.js';
import type { Inspection, Operation } from './http/router.js';
import { patTokenErrors } from './pats/errors.js';
import { versionOf } from './devops/versions.js';

/** A request or an answer that the published contract does not allow. */
export interface Violation {
  readonly operation: Operation;
  readonly side: 'request' | 'answer';
  readonly version: string;
  readonly problem: string;
}

/** What of an OpenAPI (Swagger 2.0) document is used here. */
interface Document {
  readonly definitions: Record<string, AnySchemaObject>;
  readonly operations: ReadonlyMap<string, { readonly query: readonly AnySchemaObject[] }>;
}

interface Contract {
  readonly query: ReadonlyMap<string, ValidateFunction>;
  readonly body: ReadonlyMap<string, ValidateFunction>;
  readonly answer: ReadonlyMap<string, ValidateFunction>;
}

const documented = ['7.1', '7.2'] as const;

const operationIds: Partial<Record<Operation, string>> = {
  'pats.create': 'Pats_Create',
  'pats.get': 'Pats_Get',
  'pats.list': 'Pats_List',
  'pats.update': 'Pats_Update',
  'pats.revoke': 'Pats_Revoke',
};

const bodies: Readonly<Record<string, string>> = {
  'pats.create': 'PatTokenCreateRequest',
  'pats.update': 'PatTokenUpdateRequest',
};

const answers: Readonly<Record<string, string>> = {
  'pats.create': 'PatTokenResult',
  'pats.get': 'PatTokenResult',
  'pats.update': 'PatTokenResult',
  'pats.list': 'PagedPatTokens',
};

/** Fields that Microsoft's own examples show as null, though their definitions do not say so. */
const nullable = new Set(['patToken', 'token', 'targetAccounts', 'patTokenErrorMessage']);

/** Compiling takes longer than all else at the start of an emulator, and many can be started in one process. */
const compiled = new Map<string, Promise<ReadonlyMap<string, Contract>>>();

/** Compares the PAT API's requests and answers with Azure DevOps' OpenAPI documents, and keeps what differs. */
export class ContractCheck implements Inspection {
  readonly violations: Violation[] = [];

  private constructor(private readonly contracts: ReadonlyMap<string, Contract>) {}

  /** Reads the documents. Rejects when the folder has no tokens/7.1/tokens.json or tokens/7.2/tokens.json. */
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
  const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const folder = named ?? process.env['JOB_PAT_SPECS'] ?? resolve(repository, '..', 'shared', 'specs');
  return existsSync(join(folder, 'tokens')) ? folder : undefined;
}

async function readContracts(folder: string): Promise<ReadonlyMap<string, Contract>> {
  const contracts = new Map<string, Contract>();
  for (const version of documented) {
    const text = await readFile(join(folder, 'tokens', version, 'tokens.json'), 'utf8');
    contracts.set(version, compile(parseDocument(text.replace(/^\uFEFF/, ''))));
  }
  return contracts;
}

function parseDocument(text: string): Document {
  const root = record(JSON.parse(text));
  const shared = record(root['parameters']);
  const operations = new Map<string, { query: AnySchemaObject[] }>();
  for (const paths of [root['paths'], root['x-ms-paths']]) {
    for (const methods of Object.values(record(paths))) {
      for (const operation of Object.values(record(methods)).map(record)) {
        const query = Object.values(record(operation['parameters']))
          .map(record)
          .map(parameter => {
            const name =
              typeof parameter['$ref'] === 'string' ? parameter['$ref'].split('/').at(-1) : undefined;
            return name === undefined ? parameter : record(shared[name]);
          })
          .filter(parameter => parameter['in'] === 'query');
        operations.set(String(operation['operationId']), { query });
      }
    }
  }
  const definitions = Object.entries(record(root['definitions'])).map(
    ([name, schema]) => [name, record(schema)] as const,
  );
  return { definitions: Object.fromEntries(definitions), operations };
}

function compile({ definitions, operations }: Document): Contract {
  const ajv = new Ajv({ strict: false, allErrors: true });
  const forms = new Ajv({ strict: false, allErrors: true, coerceTypes: true });
  for (const validator of [ajv, forms]) {
    validator.addFormat('uuid', fullFormats.uuid);
    validator.addFormat('date-time', fullFormats['date-time']);
    validator.addFormat('int32', true);
  }
  const used = [
    'PatTokenCreateRequest',
    'PatTokenUpdateRequest',
    'PatTokenResult',
    'PagedPatTokens',
    'PatToken',
  ];
  const strict = Object.fromEntries(used.map(name => [name, closed(record(definitions[name]))]));
  ajv.addSchema({ $id: 'tokens', definitions: strict });
  const named = (names: Readonly<Record<string, string>>): Map<string, ValidateFunction> =>
    new Map(
      Object.entries(names).map(([key, name]) => [key, ajv.compile({ $ref: `tokens#/definitions/${name}` })]),
    );
  const query = Object.entries(operationIds).map(([operation, id]) => {
    const parameters = operations.get(id)?.query;
    if (!parameters) throw new Error(`The OpenAPI document does not describe ${id}.`);
    return [operation, forms.compile(queryObject(parameters))] as const;
  });
  return { query: new Map(query), body: named(bodies), answer: named(answers) };
}

/** The definition without room for fields it does not name, and with null where the examples have it. */
function closed(definition: AnySchemaObject): AnySchemaObject {
  const properties = Object.entries(record(definition['properties'])).map(([name, value]) => {
    const schema = record(value);
    // The service gives newer reasons to clients of an older version too.
    const known = name === 'patTokenError' ? { ...schema, enum: patTokenErrors } : schema;
    return [name, nullable.has(name) ? { anyOf: [known, { type: 'null' }] } : known] as const;
  });
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false };
}

function queryObject(parameters: readonly AnySchemaObject[]): AnySchemaObject {
  const names = parameters.map(parameter => String(parameter['name']));
  const schemas = parameters.map(({ type, format, enum: values }: AnySchemaObject) => ({
    type: type as unknown,
    ...(format === undefined ? {} : { format: format as unknown }),
    ...(values === undefined ? {} : { enum: values as unknown }),
  }));
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name, index) => [name, schemas[index]])),
    required: parameters
      .filter(parameter => parameter['required'] === true)
      .map(parameter => String(parameter['name'])),
    additionalProperties: false,
  };
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

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
