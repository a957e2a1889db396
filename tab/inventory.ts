import { asGuid, asMoment, asObject, asText, objectsOf, parseJson, type JsonObject } from '#text/json';

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
  /** Under which its user signs in; undefined: the audit does not tell. */
  readonly signInName: string | undefined;
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
  /** Whose PATs were read, those without any included. */
  readonly users?: number;
  readonly organizations: readonly string[];
  /** It is about the issuing user alone. */
  readonly ofIssuer: boolean;
  /** Findings that are about no single PAT. */
  readonly general: readonly Finding[];
  /** What could not be read; empty: it is complete. */
  readonly missing: readonly string[];
}

/** All findings that no exception covers. */
export function findingsThatCount({ pats, general }: Inventory): Finding[] {
  return [...pats.flatMap(({ findings }) => findings), ...general].filter(({ excepted }) => !excepted);
}

/** The findings of a PAT that count, the worst first: these are why it stands where it stands. */
export function reasonsOf({ findings }: Pick<InventoryPat, 'findings'>): Finding[] {
  const counting = findings.filter(({ excepted }) => !excepted);
  return severities.flatMap(severity => counting.filter(finding => finding.severity === severity));
}

/** A person cannot look at more; the task does not write more either. */
const MOST_PATS = 100_000;

/**
 * Reads an attachment of AuditPats. What cannot be read is left out and told as missing: a part must not look like the
 * whole.
 *
 * @throws Error when it is no inventory at all
 */
export function readInventory(text: string): Inventory {
  const json = asObject(parseJson(text));
  if (json === undefined || !Array.isArray(json['pats'])) {
    throw new Error('The attachment of AuditPats@1 is not an inventory of PATs.');
  }
  const repairs = new Map(
    objectsOf(json['rules']).map(rule => [asText(rule['id']) ?? '', asText(rule['repair']) ?? '']),
  );
  const users = asObject(json['counts'])?.['users'];
  const listed = objectsOf(json['pats']);
  const pats = listed.slice(0, MOST_PATS).flatMap(entry => readPat(entry, repairs) ?? []);
  const unread = json['pats'].length - pats.length;
  return {
    time: asMoment(json['readAt']),
    pats,
    organizations: organizationsOf(json['organizations'], pats),
    ofIssuer: json['whose'] === 'issuer',
    ...(typeof users === 'number' && { users }),
    general: objectsOf(json['general']).flatMap(finding => readFinding(finding, repairs) ?? []),
    missing: [
      ...missingOf(json),
      ...(unread > 0 ? [`${unread} entries of the attachment that this tab cannot read`] : []),
    ],
  };
}

/** Those asked, or else those in which there is a PAT. */
function organizationsOf(asked: unknown, pats: readonly InventoryPat[]): string[] {
  const names: unknown[] = Array.isArray(asked) ? asked : pats.map(({ organization }) => organization);
  return [...new Set(names.flatMap(name => asText(name) ?? []))];
}

/** An audit that says it is not complete without saying why is not complete either. */
function missingOf(json: JsonObject): string[] {
  const list: unknown[] = Array.isArray(json['missing']) ? json['missing'] : [];
  const reasons = list.map(entry => asText(entry) ?? reasonOf(asObject(entry)));
  return reasons.length === 0 && json['complete'] === false ? ['the audit does not say what'] : reasons;
}

function reasonOf(entry: JsonObject | undefined): string {
  const parts = ['organization', 'user', 'reason'].map(key => asText(entry?.[key]) ?? '');
  return parts.filter(part => part !== '').join(': ') || 'something that the audit does not name';
}

function readPat(json: JsonObject, repairs: ReadonlyMap<string, string>): InventoryPat | undefined {
  const authorizationId = asGuid(json['authorizationId']);
  const displayName = asText(json['displayName']);
  if (authorizationId === undefined || displayName === undefined) return undefined;
  const findings = objectsOf(json['findings']).flatMap(finding => readFinding(finding, repairs) ?? []);
  return {
    organization: plain(json['organization']),
    displayName,
    user: userOf(json['user']),
    signInName: asText(asObject(json['user'])?.['principalName']),
    authorizationId,
    scopes: plain(json['scope'])
      .split(/\s+/)
      .filter(scope => scope !== ''),
    validFrom: asMoment(json['validFrom']),
    validTo: asMoment(json['validTo']),
    state: plain(json['state']),
    findings,
    worst: severities.find(severity =>
      findings.some(finding => finding.severity === severity && !finding.excepted),
    ),
  };
}

function readFinding(json: JsonObject, repairs: ReadonlyMap<string, string>): Finding | undefined {
  const rule = asText(json['rule']);
  if (rule === undefined) return undefined;
  const said = asText(json['severity']);
  return {
    rule,
    // A word that is not known must not hide a finding.
    severity: severities.find(known => known === said) ?? 'warning',
    message: asText(json['message']) ?? '',
    repair: asText(json['repair']) ?? repairs.get(rule) ?? '',
    excepted: json['exception'] !== undefined && json['exception'] !== null,
  };
}

function userOf(user: unknown): string {
  const person = asObject(user);
  const names =
    person === undefined ? [user] : [person['principalName'], person['displayName'], person['id']];
  return names.map(name => asText(name) ?? '').find(name => name !== '') ?? '';
}

function plain(value: unknown): string {
  return asText(value) ?? '';
}
