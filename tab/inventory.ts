import {
  asMoment,
  asObject,
  asText,
  objectsOf,
  parseJson,
  type JsonObject,
} from '../tasks/common/text/json.js';
import { visible } from './texts.js';

/** The type under which AuditPats attaches an inventory; the name and the content are in schemas/inventory.schema.json. */
export const INVENTORY_TYPE = 'job-pat.inventory';

export const severities = ['error', 'warning', 'note'] as const;
export type Severity = (typeof severities)[number];

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly repair: string;
  /** An exception from the rules covers it. */
  readonly excepted: boolean;
}

export interface InventoryPat {
  readonly organization: string;
  readonly displayName: string;
  readonly user: string;
  readonly authorizationId: string;
  readonly scopes: readonly string[];
  readonly validFrom: Date | undefined;
  readonly validTo: Date | undefined;
  readonly state: string;
  readonly findings: readonly Finding[];
  /** The worst of its findings that no exception covers. */
  readonly worst: Severity | undefined;
}

export interface Inventory {
  /** When the lists were read. */
  readonly time: Date | undefined;
  readonly pats: readonly InventoryPat[];
  /** What could not be read; empty: it is complete. */
  readonly missing: readonly string[];
}

/** PROVISIONAL */
export function readInventory(text: string): Inventory {
  const json = asObject(parseJson(text));
  return { time: asMoment(json?.['time']), missing: [], pats: objectsOf(json?.['pats']).map(patOf) };
}
function patOf(json: JsonObject): InventoryPat {
  return { organization: asText(json['organization']) ?? '', displayName: visible(asText(json['displayName']) ?? ''), user: '', authorizationId: '', scopes: [], validFrom: undefined, validTo: undefined, state: '', findings: [], worst: undefined };
}
