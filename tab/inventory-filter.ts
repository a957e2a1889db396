import { reasonsOf, severities, type InventoryPat } from './inventory.js';

export const columns = ['severity', 'reason', 'name', 'user', 'organization', 'scopes', 'validTo'] as const;
export type Column = (typeof columns)[number];

export interface Order {
  readonly column: Column;
  readonly descending: boolean;
}

/** What a person wants to see of an inventory; undefined and empty: everything. */
export interface Filter {
  readonly text: string;
  readonly rule: string | undefined;
  readonly scope: string | undefined;
  readonly expiry: Expiry | undefined;
}

export const NO_FILTER: Filter = { text: '', rule: undefined, scope: undefined, expiry: undefined };

const DAY = 86_400_000;

/** Spans of time until a PAT ends, the nearest first; each begins where the one before it ends. */
export const expiries = [
  { id: 'over', text: 'Expired', until: 0 },
  { id: 'week', text: '7 days', until: 7 * DAY },
  { id: 'month', text: '30 days', until: 30 * DAY },
  { id: 'quarter', text: '90 days', until: 90 * DAY },
  { id: 'half', text: '180 days', until: 180 * DAY },
  { id: 'year', text: '1 year', until: 366 * DAY },
  { id: 'later', text: 'Later', until: Infinity },
] as const;
export type Expiry = (typeof expiries)[number]['id'];

/** Neither expired nor revoked, as the audit saw it. */
export function isActive({ state }: Pick<InventoryPat, 'state'>): boolean {
  return state === 'active';
}

/** The span in which a PAT ends; undefined where its end is not known, or somebody has ended it already. */
export function expiryOf(
  { state, validTo }: Pick<InventoryPat, 'state' | 'validTo'>,
  now: Date,
): Expiry | undefined {
  if (validTo === undefined || state === 'revoked') return undefined;
  const left = validTo.getTime() - now.getTime();
  return expiries.find(({ until }) => left <= until)?.id;
}

/**
 * The PATs that a filter lets through: each part of it those that its breakdown counts; every word of its text has to
 * be somewhere in the PAT.
 */
export function filtered(pats: readonly InventoryPat[], filter: Filter, now: Date): InventoryPat[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  return pats.filter(
    pat =>
      (filter.rule === undefined ||
        pat.findings.some(({ rule, excepted }) => rule === filter.rule && !excepted)) &&
      (filter.scope === undefined || (isActive(pat) && pat.scopes.includes(filter.scope))) &&
      (filter.expiry === undefined || expiryOf(pat, now) === filter.expiry) &&
      words.every(word => searched(pat).includes(word)),
  );
}

/** Small letters of everything that a word may be looked for in. */
const texts = new WeakMap<InventoryPat, string>();

function searched(pat: InventoryPat): string {
  const known = texts.get(pat);
  if (known !== undefined) return known;
  const { displayName, user, organization, authorizationId, scopes, findings } = pat;
  const rules = findings.map(({ rule }) => rule);
  const text = [displayName, user, organization, authorizationId, ...scopes, ...rules]
    .join('\n')
    .toLowerCase();
  texts.set(pat, text);
  return text;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Equal ones stay in the order in which the audit has them. */
export function sorted(pats: readonly InventoryPat[], { column, descending }: Order): InventoryPat[] {
  const by = comparisons[column];
  return [...pats].sort((a, b) => (descending ? by(b, a) : by(a, b)));
}

const comparisons: Readonly<Record<Column, (a: InventoryPat, b: InventoryPat) => number>> = {
  severity: (a, b) => rank(a) - rank(b) || b.findings.length - a.findings.length,
  // Those without any last.
  reason: (a, b) => collator.compare(reasonText(a), reasonText(b)),
  name: (a, b) => collator.compare(a.displayName, b.displayName),
  user: (a, b) => collator.compare(a.user, b.user),
  organization: (a, b) => collator.compare(a.organization, b.organization),
  scopes: (a, b) => collator.compare(a.scopes.join(' '), b.scopes.join(' ')),
  validTo: (a, b) => end(a) - end(b),
};

/** The rule that counts most, and how many more. */
function reasonText(pat: InventoryPat): string {
  const [first, ...more] = reasonsOf(pat);
  return first === undefined ? '\uffff' : `${first.rule} ${more.length}`;
}

/** The worst first, those without findings last. */
function rank({ worst }: InventoryPat): number {
  return worst === undefined ? severities.length : severities.indexOf(worst);
}

/** A PAT whose end is not known counts as one that ends last. */
function end({ validTo }: InventoryPat): number {
  return validTo?.getTime() ?? Number.MAX_SAFE_INTEGER;
}
