import type { Build, Emulator } from '../../emulator/index.js';
import { INVENTORY_TYPE } from '../../tab/inventory.js';

const READ_AT = new Date('2026-11-25T14:00:00Z');
const DAY = 86_400_000;

const rules = [
  ['full-access', 'error', 'has full access', 'Issue one with just the scopes it needs.'],
  [
    'global-pat',
    'error',
    'is for all organizations and stops working on 2026-12-01',
    'Issue one for each organization.',
  ],
  ['job-pat-run-ended', 'error', 'is a job PAT whose run has ended', 'Revoke it with RevokePat@1.'],
  [
    'lifetime-too-long',
    'warning',
    'lives longer than 90 days',
    'Issue it for a shorter time, or let RotatePat@1 do so.',
  ],
  ['expires-soon', 'warning', 'expires within 14 days', 'Rotate it with RotatePat@1.'],
  ['inactive-user', 'warning', 'belongs to a user who is not active', 'Revoke it.'],
  ['high-privilege-scope', 'warning', 'has a scope of high privilege', 'Take a scope that may do less.'],
  ['never-rotated', 'note', 'has not been rotated for a year', 'Let RotatePat@1 rotate it.'],
  ['duplicate-names', 'note', 'has the name of another one', 'Give each a name of its own.'],
  ['expired-but-listed', 'note', 'has expired and is still listed', 'Delete it.'],
] as const;

const scopeSets = [
  'vso.code',
  'vso.code_write vso.build',
  'vso.packaging',
  'vso.packaging_write',
  'vso.code vso.packaging vso.work vso.build_execute',
  'vso.work_write',
  'vso.release_execute vso.build',
  'vso.test_write',
  'app_token',
  'vso.code_manage',
  'vso.identity_manage vso.graph_manage',
  'vso.serviceendpoint_manage',
];
const names = [
  'Laptop',
  'Nightly mirror',
  'Package feed',
  'Release train',
  'Reporting',
  'Terraform',
  'Backup',
  'Migration',
];

/** Numbers that look like chance and are the same each time. */
function* chance(): Generator<number, never> {
  for (let state = 42; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

export type Entry = Readonly<Record<string, unknown>>;

/** An inventory of so many PATs of so many users, as AuditPats attaches it. */
export function inventoryOf(count: number, users: number, changes: Entry = {}): Entry {
  const random = chance();
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next().value ** 1.6 * list.length)] as T;
  const pats = Array.from({ length: count }, (_, index): Entry => {
    const from = READ_AT.getTime() - random.next().value * 300 * DAY;
    const to = READ_AT.getTime() + (random.next().value ** 2 * 400 - 20) * DAY;
    const user = `user${Math.floor(random.next().value * users) + 1}@example.com`;
    const scope = pick(scopeSets);
    const chosen =
      random.next().value < 0.45 ? [pick(rules), ...(random.next().value < 0.3 ? [pick(rules)] : [])] : [];
    const found = rules.filter(([rule]) => {
      if (rule === 'full-access') return scope === 'app_token';
      if (rule === 'high-privilege-scope') return /_manage|_execute/.test(scope);
      if (rule === 'expired-but-listed') return to < READ_AT.getTime();
      if (rule === 'expires-soon') return to >= READ_AT.getTime() && to < READ_AT.getTime() + 14 * DAY;
      return chosen.some(([other]) => other === rule);
    });
    return {
      organization: random.next().value < 0.7 ? 'contoso' : 'fabrikam',
      user: { principalName: user, displayName: user, active: true },
      displayName: `${pick(names)} ${index + 1}`,
      authorizationId: `8f1c0a52-0000-4000-8000-${String(index).padStart(12, '0')}`,
      scope,
      validFrom: new Date(from).toISOString(),
      validTo: new Date(to).toISOString(),
      state: to < READ_AT.getTime() ? 'expired' : 'active',
      findings: found.map(([rule, severity, message]) => ({ rule, severity, message })),
    };
  });
  return {
    version: 1,
    readAt: READ_AT.toISOString(),
    complete: true,
    missing: [],
    rules: rules.map(([id, severity, , repair]) => ({ id, severity, repair })),
    pats,
    ...changes,
  };
}

/** A completed run of AuditPats that left this inventory. */
export function auditRun(emulator: Emulator, inventory: Entry): Build {
  const attachments = [{ type: INVENTORY_TYPE, name: 'inventory.json', content: JSON.stringify(inventory) }];
  return emulator.runs.addBuild({ status: 'completed', attachments });
}
