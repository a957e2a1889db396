import { randomUUID } from 'node:crypto';
import assert from 'node:assert/strict';
import type { Build, Emulator } from '#emulator/index';
import type { Step } from '#emulator/runs/run';
import { INVENTORY_TYPE } from '../../tab/inventory.js';
import type { FoundPat } from '../../tasks/AuditPats/AuditPatsV1/found-pat.js';
import type { AuditRequest } from '../../tasks/AuditPats/AuditPatsV1/request.js';
import { defaultRuleBook } from '../../tasks/AuditPats/AuditPatsV1/rule-book.js';
import { buildInventory } from '../../tasks/AuditPats/AuditPatsV1/build-inventory.js';
import { evaluateRules } from '../../tasks/AuditPats/AuditPatsV1/evaluate-rules.js';
import { organizationAt } from '#azure-devops/organization';
import type { JobState } from '#azure-devops/runs';
import { DAY } from '#text/lifetime';
import { jobPatName } from './runs-with-pats.js';

const READ_AT = new Date('2026-11-25T14:00:00Z');

const scopeSets = [
  'vso.code',
  'vso.code_write vso.build',
  'vso.packaging',
  'vso.packaging_write',
  'vso.work_write',
  'vso.code vso.packaging vso.work vso.build_execute',
  'vso.release_execute vso.build',
  'vso.test_write',
  'vso.code_manage',
  'vso.serviceendpoint_manage',
  'vso.graph_manage',
  'app_token',
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
function chance(): () => number {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export type Entry = Readonly<Record<string, unknown>>;

/** What AuditPats attaches for so many PATs of so many users, judged by its own rules. */
export function inventoryOf(count: number, users: number, changes: Entry = {}): Entry {
  const random = chance();
  const pick = <T>(list: readonly T[]): T =>
    list[Math.floor(random() ** 1.6 * list.length)] ?? assert.fail('Nothing to pick from.');
  const organizations = ['contoso', 'fabrikam'].map(
    name => organizationAt(`https://dev.azure.com/${name}`) ?? assert.fail(),
  );
  const pats = Array.from({ length: count }, (_, index): FoundPat => {
    const owner = Math.floor(random() * users) + 1;
    const principalName = `user${owner}@example.com`;
    const ofJob = random() < 0.03;
    const from = READ_AT.getTime() - (ofJob ? 0.4 : random() ** 3 * 200) * DAY;
    const lifetime = ofJob ? 1 : pick([30, 60, 90, 90, 180, 365]);
    const validTo = new Date(from + lifetime * DAY);
    const label = `${pick(names)} ${index + 1}`;
    return {
      organization: pick(organizations),
      user: {
        id: `aad.user${owner}`,
        displayName: `User ${owner}`,
        principalName,
        state: owner % 17 === 0 ? 'inactive' : 'active',
      },
      displayName: ofJob ? jobPatName(label, index.toString(16).padStart(8, '0')) : label,
      authorizationId: `8f1c0a52-0000-4000-8000-${String(index).padStart(12, '0')}`,
      scope: pick(scopeSets),
      validFrom: new Date(from),
      validTo,
      state: validTo <= READ_AT ? 'expired' : random() < 0.02 ? 'revoked' : 'active',
      allOrganizations: random() < 0.03,
    };
  });
  const ended: JobState = {
    kind: 'ended',
    at: new Date(READ_AT.getTime() - DAY / 4),
    why: 'it is completed',
  };
  const request: AuditRequest = {
    actor: { as: 'administrator', token: '' },
    organizations,
    book: defaultRuleBook,
    recordedIds: undefined,
    failOn: 'never',
    people: 'names',
    jobToken: '',
    outputFolder: undefined,
    warnBefore: undefined,
  };
  const collected = { pats, missing: [], users };
  const runs = new Map(pats.map(pat => [pat, ended]));
  const matches = evaluateRules(pats, defaultRuleBook, { now: READ_AT, runs, recordedIds: undefined });
  return {
    ...buildInventory(collected, request, matches, runs, READ_AT),
    ...changes,
  };
}

const AUDIT_PATS = { id: '5b0f3c9e-8d47-4a26-b1f5-3e9c7a2d6408', name: 'AuditPats' };
const SCRIPT = { id: 'd9bafed4-0b18-4f58-968d-86655b4d2ce9', name: 'CmdLine' };

/** A completed run of AuditPats that left this inventory, of others that left something else, and of a script that attached its own. */
export function auditRun(
  emulator: Emulator,
  inventory: Entry,
  { forged = [], alsoLeft = [] }: { forged?: readonly Entry[]; alsoLeft?: readonly string[] } = {},
): Build {
  // A step keeps one attachment of a name.
  const audits = [...alsoLeft, JSON.stringify(inventory)].map(content => ({ content, task: AUDIT_PATS }));
  const steps = [SCRIPT, ...audits.map(({ task }) => task)].map((task): Step => ({
    id: randomUUID(),
    name: task.name,
    task,
    result: 'succeeded',
    startTime: READ_AT,
    finishTime: READ_AT,
    details: [],
  }));
  const attachment = (content: string, step: Step | undefined) => ({
    type: INVENTORY_TYPE,
    name: 'inventory.json',
    content,
    recordId: step?.id ?? '',
  });
  const [script, ...auditing] = steps;
  return emulator.runs.addBuild({
    status: 'completed',
    jobs: [{ name: 'Audit', steps }],
    attachments: [
      ...forged.map(entry => attachment(JSON.stringify(entry), script)),
      ...audits.map(({ content }, index) => attachment(content, auditing[index])),
    ],
  });
}
