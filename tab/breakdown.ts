import { expiries, expiryOf, isActive, type Expiry } from './inventory-filter.js';
import { findingsThatCount, severities, type Inventory, type Severity } from './inventory.js';

/** How many PATs share something. */
export interface Share<Id extends string = string> {
  readonly id: Id;
  readonly text: string;
  readonly count: number;
  readonly severity?: Severity;
}

/** How many PATs end in each span of time; every span, also an empty one. */
export function byExpiry({ pats }: Inventory, now: Date): Share<Expiry>[] {
  const counts = new Map<Expiry | undefined, number>();
  for (const pat of pats) add(counts, expiryOf(pat, now));
  return expiries.map(({ id, text }) => ({ id, text, count: counts.get(id) ?? 0 }));
}

/** How many active PATs have each scope, the most frequent first; an ended one may do nothing any more. */
export function byScope({ pats }: Inventory): Share[] {
  const counts = new Map<string, number>();
  for (const { scopes } of pats.filter(isActive)) for (const scope of new Set(scopes)) add(counts, scope);
  return [...counts].map(([id, count]) => ({ id, text: id, count })).sort((a, b) => b.count - a.count);
}

/** How often each rule fired, the worst first; what an exception covers does not count. */
export function byRule(inventory: Inventory): Share[] {
  const counts = new Map<string, number>();
  const worst = new Map<string, Severity>();
  for (const { rule, severity } of findingsThatCount(inventory)) {
    add(counts, rule);
    const known = worst.get(rule);
    if (known === undefined || severities.indexOf(severity) < severities.indexOf(known))
      worst.set(rule, severity);
  }
  return [...counts]
    .map(([id, count]) => ({ id, text: id, count, severity: worst.get(id) ?? ('note' as const) }))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.count - a.count);
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
