import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { rules } from '../tasks/AuditPats/AuditPatsV1/rules.js';
import { ENTRY_KEYS } from '../tasks/RotatePat/RotatePatV1/entry.js';
import { storeKinds } from '../tasks/RotatePat/RotatePatV1/stores.js';
import { root } from './paths.js';
import type { TaskDefinition } from './task-definition.js';

/** A schema by its path in the repository. */
type Schema = readonly [path: string, text: string];

interface PlanSchema {
  readonly definitions: { readonly pat: { properties: Record<string, object> } };
}

/** The schema of a plan with the stores and keys that the code knows: a key that is new is described by its input of the task. */
export function rotationPlanSchema({ inputs }: TaskDefinition): Promise<Schema> {
  return renewed('rotation-plan.schema.json', schema => {
    const { pat } = (schema as PlanSchema).definitions;
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
  });
}

interface RulesSchema {
  readonly properties: {
    readonly rules: { properties: Record<string, object> };
    readonly exceptions: {
      readonly items: { readonly properties: { readonly rules: { readonly items: { enum: string[] } } } };
    };
  };
}

/** The schema of a rules file, with the rules that the code knows and the kind of threshold that each has. */
export function auditRulesSchema(): Promise<Schema> {
  return renewed('audit-rules.schema.json', schema => {
    const { rules: own, exceptions } = (schema as RulesSchema).properties;
    const kinds = Object.entries(rules).map(([name, rule]) => {
      const kind = 'time' in rule ? 'timed' : 'most' in rule ? 'counted' : 'plain';
      return [name, { $ref: `#/definitions/${kind}` }] as const;
    });
    own.properties = Object.fromEntries(kinds);
    exceptions.items.properties.rules.items.enum = Object.keys(rules);
  });
}

async function renewed(name: string, renew: (schema: unknown) => void): Promise<Schema> {
  const path = join('schemas', name);
  const schema = JSON.parse(await readFile(join(root, path), 'utf8')) as unknown;
  renew(schema);
  const options = await resolveConfig(join(root, path));
  return [path, await format(JSON.stringify(schema), { ...options, parser: 'json' })];
}
