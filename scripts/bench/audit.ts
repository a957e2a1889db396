import { join } from 'node:path';
import pc from 'picocolors';
import { fault, type Emulator, type PatSeed } from '#emulator/index';
import { stepEnvironment } from './environment.js';
import type { Setting } from './part.js';
import { measuredRun } from './process-runs.js';
import { megabytes, tableOf } from './table.js';

/** How many PATs of how many users, ten times as many in each row: so growth can be seen. */
const SIZES = [
  { pats: 100, users: 5 },
  { pats: 1_000, users: 50 },
  { pats: 10_000, users: 500 },
];

const DAY = 86_400_000;
/** Every answer takes so long, so that requests meet in flight; milliseconds. */
const LATENCY = 5;

/** `AuditPats@1`, `whose: organization`, over more and more PATs. */
export async function audit({ emulator, tasks, say }: Setting): Promise<string> {
  const administrator = emulator.entra.addUser({
    principalName: 'admin@contoso.example',
    administrator: true,
  });
  const environment = {
    ...(await stepEnvironment(emulator)),
    INPUT_PATISSUER: '',
    INPUT_WHOSE: 'organization',
    INPUT_ADMINTOKEN: emulator.entra.issueAccessToken({ user: administrator, scopes: ['user_impersonation'] })
      .value,
    INPUT_ORGANIZATION: emulator.organizationUrl('contoso'),
    INPUT_FAILON: 'never',
    INPUT_PEOPLE: 'names',
  };
  emulator.faults.add('*', fault.slow(LATENCY), { times: Infinity });
  const rows: string[][] = [];
  let seeded = { pats: 0, users: 0 };
  for (const { pats, users } of SIZES) {
    say(`audit of ${pats} PATs of ${users} users`);
    populate(emulator, pats - seeded.pats, users - seeded.users);
    seeded = { pats, users };
    emulator.forgetRequests();
    const run = await measuredRun(join(tasks, 'AuditPats', 'AuditPatsV1', 'main.js'), environment);
    const count = (operation: string) =>
      emulator.requests.filter(request => request.operation.startsWith(operation)).length;
    rows.push([
      pats.toLocaleString('en'),
      users.toLocaleString('en'),
      `${count('graph.users')} + ${count('tokenadmin.list')} + ${count('graph.membershipState')}`,
      `${(run.milliseconds / 1000).toFixed(2)} s`,
      `${(run.milliseconds / pats).toFixed(2)} ms`,
      String(emulator.maxInFlight),
      megabytes(run.peak),
    ]);
  }
  const head = [
    'PATs',
    'users',
    'requests: users + lists + memberships',
    'time',
    'for each PAT',
    'most in flight',
    'peak memory',
  ];
  const legend = `Audit of an organization, once each, every rule on. An answer takes ${LATENCY} ms.`;
  return `${tableOf(head, rows)}\n${pc.dim(legend)}`;
}

/** Gives contoso more users, and each of them as many PATs, some of which break a rule. */
function populate(emulator: Emulator, pats: number, users: number): void {
  const now = Date.now();
  const owners = Array.from({ length: users }, () => emulator.entra.addUser({}));
  emulator.pats.seed(
    Array.from({ length: pats }, (_, index): PatSeed => {
      const owner = owners[index % users];
      return {
        ...(owner === undefined ? {} : { owner }),
        displayName: `Benchmark ${index}`,
        scope: index % 7 === 0 ? 'vso.code_write vso.packaging' : 'vso.code',
        validFrom: new Date(now - (index % 200) * DAY),
        validTo: new Date(now + ((index % 120) - 10) * DAY),
      };
    }),
  );
}
