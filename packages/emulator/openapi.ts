import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { Operation } from './http/router.js';
import { patTokenErrors } from './pats/errors.js';

/** What a version of the contract demands of each operation; an operation is missing where it demands nothing. */
export interface Contract {
  readonly query: ReadonlyMap<Operation, ValidateFunction>;
  readonly body: ReadonlyMap<Operation, ValidateFunction>;
  readonly answer: ReadonlyMap<Operation, ValidateFunction>;
}

/** A part of a document that is not looked at more closely. */
type Schema = Record<string, unknown>;

export type Version = '7.1' | '7.2';

/** An OpenAPI (Swagger 2.0) document: `<folder>/<version>/<folder>.json`. */
interface Area {
  /** False: the documents promise a zone that the service does not write. */
  readonly momentsHaveZones?: boolean;
  readonly folder: string;
  readonly operations: readonly (readonly [Operation, string])[];
  /** Fields that Microsoft's own examples show as null, though their definitions do not say so. */
  readonly nullable: readonly string[];
}

const areas: readonly Area[] = [
  {
    folder: 'tokens',
    operations: [
      ['pats.create', 'Pats_Create'],
      ['pats.get', 'Pats_Get'],
      ['pats.list', 'Pats_List'],
      ['pats.update', 'Pats_Update'],
      ['pats.revoke', 'Pats_Revoke'],
    ],
    nullable: ['patToken', 'token', 'targetAccounts', 'patTokenErrorMessage'],
  },
  {
    folder: 'tokenAdmin',
    momentsHaveZones: false,
    operations: [
      ['tokenadmin.list', 'Personal Access Tokens_List'],
      ['tokenadmin.revoke', 'Revocations_Revoke Authorizations'],
    ],
    nullable: [
      'continuationToken',
      'displayName',
      'targetAccounts',
      'token',
      'alternateToken',
      'publicData',
      'source',
    ],
  },
];

/** Whether the folder holds the documents without which nothing can be compared. */
export function hasDocuments(folder: string): boolean {
  return existsSync(join(folder, 'tokens'));
}

/** Reads the documents of a version; an area whose document is not there is left out. Rejects on a broken one. */
export async function readContract(folder: string, version: Version): Promise<Contract> {
  const contract = {
    query: new Map<Operation, ValidateFunction>(),
    body: new Map<Operation, ValidateFunction>(),
    answer: new Map<Operation, ValidateFunction>(),
  };
  for (const area of areas) {
    const file = join(folder, area.folder, version, `${area.folder}.json`);
    if (!existsSync(file)) continue;
    const text = await readFile(file, 'utf8');
    const root = record(JSON.parse(text.replace(/^\uFEFF/, '')));
    const bodies = validator(area, { coerceTypes: false });
    const queries = validator(area, { coerceTypes: true });
    bodies.addSchema({ $id: area.folder, definitions: strictDefinitions(root, area) });
    for (const [operation, id] of area.operations) {
      const { query, body, answer } = operationOf(root, id);
      contract.query.set(operation, queries.compile(queryObject(query)));
      if (body) contract.body.set(operation, bodies.compile(within(area, body)));
      if (answer) contract.answer.set(operation, bodies.compile(within(area, answer)));
    }
  }
  return contract;
}

/** As token administration writes moments, in Microsoft's own example too: UTC, and no zone says so. */
const WITHOUT_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/;

function validator(area: Area, options: { readonly coerceTypes: boolean }): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, ...options });
  ajv.addFormat('uuid', fullFormats.uuid);
  ajv.addFormat('date-time', area.momentsHaveZones === false ? WITHOUT_ZONE : fullFormats['date-time']);
  ajv.addFormat('int32', true);
  return ajv;
}

interface Described {
  readonly query: readonly Schema[];
  readonly body: Schema | undefined;
  readonly answer: Schema | undefined;
}

/** What the document says of an operation. Throws when it does not know it. */
function operationOf(root: Schema, id: string): Described {
  const shared = record(root['parameters']);
  const operation = [root['paths'], root['x-ms-paths']]
    .flatMap(paths => Object.values(record(paths)))
    .flatMap(methods => Object.values(record(methods)))
    .map(record)
    .find(({ operationId }) => operationId === id);
  if (!operation) throw new Error(`The OpenAPI document does not describe ${id}.`);
  const parameters = Object.values(record(operation['parameters']))
    .map(record)
    .map(parameter => {
      const reference: unknown = parameter['$ref'];
      return typeof reference === 'string' ? record(shared[reference.split('/').at(-1) ?? '']) : parameter;
    });
  return {
    query: parameters.filter(parameter => parameter['in'] === 'query'),
    body: schemaOf(parameters.find(parameter => parameter['in'] === 'body')),
    answer: schemaOf(record(record(operation['responses'])['200'])),
  };
}

function schemaOf(described: Schema | undefined): Schema | undefined {
  const schema: unknown = described?.['schema'];
  return schema === undefined ? undefined : record(schema);
}

/** The schema with its references led to the area's definitions. */
function within({ folder }: Area, schema: Schema): Schema {
  const text = JSON.stringify(schema).replaceAll('"#/definitions/', `"${folder}#/definitions/`);
  return record(JSON.parse(text));
}

/** The definitions without room for fields they do not name, and with null where the examples have it. */
function strictDefinitions(root: Schema, area: Area): Schema {
  const definitions = Object.entries(record(root['definitions']));
  return Object.fromEntries(
    definitions.map(([name, definition]) => [name, closed(record(definition), area)]),
  );
}

function closed(definition: Schema, { nullable }: Area): Schema {
  const properties = Object.entries(record(definition['properties'])).map(([name, value]) => {
    const schema = record(value);
    // The service gives newer reasons to clients of an older version too.
    const known = name === 'patTokenError' ? { ...schema, enum: patTokenErrors } : schema;
    return [name, nullable.includes(name) ? { anyOf: [known, { type: 'null' }] } : known] as const;
  });
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false };
}

function queryObject(parameters: readonly Schema[]): Schema {
  const names = parameters.map(parameter => String(parameter['name']));
  const schemas = parameters.map(({ type, format, enum: values }: Schema) => ({
    type: type,
    ...(format === undefined ? {} : { format: format }),
    ...(values === undefined ? {} : { enum: values }),
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

function record(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
