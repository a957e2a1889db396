import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ENTRY_KEYS } from '../tasks/RotatePat/RotatePatV1/entry.js';
import { storeKinds } from '../tasks/RotatePat/RotatePatV1/stores.js';
import { root } from './paths.js';
import type { TaskDefinition } from './task-definition.js';

export const PLAN_SCHEMA = join('schemas', 'rotation-plan.schema.json');

interface PlanSchema {
  readonly definitions: { readonly pat: { properties: Record<string, object> } };
}

/** The schema of a plan with the stores and keys that the code knows: a key that is new is described by its input of the task. */
export async function rotationPlanSchema({ inputs }: TaskDefinition): Promise<string> {
  const path = join(root, PLAN_SCHEMA);
  const schema = JSON.parse(await readFile(path, 'utf8')) as PlanSchema;
  const { pat } = schema.definitions;
  const known: Readonly<Record<string, object>> = {
    ...pat.properties,
    store: { ...pat.properties['store'], enum: Object.keys(storeKinds) },
  };
  pat.properties = Object.fromEntries(
    ENTRY_KEYS.map(key => {
      const input = inputs.find(({ name }) => name === key);
      const type = input?.type === 'boolean' ? 'boolean' : 'string';
      return [key, known[key] ?? { description: input?.helpMarkDown ?? key, type }];
    }),
  );
  return format(JSON.stringify(schema), { ...(await resolveConfig(path)), parser: 'json' });
}
