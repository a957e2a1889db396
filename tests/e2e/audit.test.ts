import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { JobResult } from '#local-agent/index';
import { queryOf, type Call } from '#emulator/http/call';
import { fault, type Emulator } from '#emulator/index';
import type { Step } from '#emulator/runs/run';
import { asObject, asText, objectsOf, parseJson, type JsonObject } from '#text/json';
import {
  emulatorForEachTest,
  issuesOf,
  logOf,
  mainOf,
  runIssuingJob,
  type Inputs,
  type JobWish,
} from './issuing-job.js';
import { issuerConnectionName } from '#local-agent/emulated-run';
import { root } from '../../scripts/paths.js';
import { assertNoTrace } from './secret-traces.js';

const DAY = 86_400_000;

const hostile = [
  '=HYPERLINK("https://evil.example","x")',
  '<img src=x onerror=alert(1)>',
  'a|b]c',
  '\u202Egnp.exe',
  '##vso[task.complete result=Succeeded;]done',
  'x'.repeat(10_240),
];

/** A job with one audit, and what it left. */
async function audit(
  emulator: Emulator,
  inputs: Inputs,
  wish: JobWish & { readonly settings?: object } = {},
): Promise<{ job: JobResult; summary: string; inventory: JsonObject; outputs: Record<string, string> }> {
  const { settings, ...options } = wish;
  const issuer = inputs['whose'] === 'organization' ? {} : { patIssuer: issuerConnectionName };
  const print = 'cat "$(audit.csvFile)" "$(audit.sarifFile)"';
  const job = await runIssuingJob(emulator, {
    steps: [
      { task: 'AuditPats@1', name: 'audit', ...settings, inputs: { ...issuer, ...inputs } },
      { bash: print, name: 'print', condition: 'always()' },
    ],
    ...options,
  });
  assertNoTrace(job, emulator);
  const file = (name: string) =>
    job.uploads.find(upload => upload.name === name)?.content.toString('utf8') ?? '';
  const outputs = Object.entries(job.outputs).map(
    ([name, { value }]) => [name.replace('audit.', ''), value] as const,
  );
  return {
    job,
    summary: file('PAT audit.md'),
    inventory: asObject(parseJson(file('inventory.json'))) ?? {},
    outputs: Object.fromEntries<string>(outputs),
  };
}

function administratorOf({ entra }: Emulator): Inputs {
  const user = entra.addUser({ displayName: 'Admin', administrator: true });
  const adminToken = entra.issueAccessToken({ user, scopes: ['user_impersonation'] }).value;
  return { whose: 'organization', adminToken };
}

const ajv = addFormats.default(new Ajv({ strict: false }));
const schema: unknown = JSON.parse(readFileSync(join(root, 'schemas', 'inventory.schema.json'), 'utf8'));
const fits = ajv.compile(schema as object);

const isLaterPage = (call: Call) => (queryOf(call, 'continuationToken') ?? '') !== '';

describe('An audit', () => {
  const emulator = emulatorForEachTest();

  it('of everyone shows the same figures everywhere, and no name from outside does anything', async () => {
    const { entra, pats } = emulator();
    const left = entra.addUser({ displayName: '<b>Erika</b> | x', active: false });
    const now = Date.now();
    pats.seed([
      ...hostile.map(displayName => ({ displayName })),
      { displayName: 'theirs', owner: left, scope: 'app_token', allOrganizations: true },
      { displayName: 'over', owner: left, validFrom: new Date(now - 9 * DAY), validTo: new Date(now - DAY) },
      { displayName: 'ended', owner: left, revoked: true },
    ]);
    const { job, summary, inventory, outputs } = await audit(emulator(), administratorOf(emulator()));

    assert.equal(job.result, 'Failed', job.log);
    assert.match(issuesOf(mainOf(job, 'audit')), /found 3 errors.*\[audit-findings\]/);
    assert.ok(fits(inventory), JSON.stringify(fits.errors));
    const counts = asObject(inventory['counts']) ?? {};
    assert.deepEqual([counts['pats'], counts['active'], counts['expired'], counts['revoked']], [9, 7, 1, 1]);
    assert.deepEqual([counts['error'], counts['warning'], counts['note']], [3, 0, 1]);
    assert.deepEqual([outputs['patCount'], outputs['errorCount'], outputs['noteCount']], ['9', '3', '1']);
    assert.match(summary, /^\*\*3 errors, 0 warnings, 1 note\*\*$/m);
    assert.match(summary, /^9 PATs of \d users in contoso: 7 active, 1 expired, 1 revoked\.$/m);
    assert.match(logOf(mainOf(job, 'audit')), /^9 PATs: 7 active, 1 expired, 1 revoked\. 3 errors, /m);

    const printed = logOf(job.steps.find(({ name }) => name === 'print') ?? assert.fail());
    const csv = printed.split('\n').filter(line => line.startsWith('"'));
    assert.equal(csv.length, 10, 'A line for each PAT, and the head.');
    assert.match(printed, /"'=HYPERLINK/);
    const sarif = printed.slice(printed.indexOf('{"$schema"')).split('\n')[0] ?? '';
    const [run] = objectsOf(asObject(parseJson(sarif))?.['runs']);
    assert.equal(objectsOf(run?.['results']).length, 4);

    const columns = (line: string) => line.split('|').length;
    const table = summary.slice(summary.indexOf('### Worst first')).split('\n').slice(2).filter(Boolean);
    assert.ok(
      table.filter(line => line.startsWith('|')).every(line => columns(line) === columns(table[0] ?? '')),
    );
    assert.equal(table[0]?.split(' | ')[1], 'What is wrong');
    assert.match(table[2]?.split(' | ')[1] ?? '', /^`[a-z-]+`: /, 'the reason beside the severity');
    assert.doesNotMatch(summary, /<img|<b>|##vso|\u202E|x{200}/);
    assert.deepEqual(
      job.uploads.map(({ type, secrets }) => [type, secrets]),
      [
        ['Distributedtask.Core.Summary', 0],
        ['job-pat.inventory', 0],
      ],
    );
  });

  it('goes on when a page fails once, and does not pass when it stays broken', async () => {
    const { pats, faults } = emulator();
    pats.seed(250);
    faults.add('pats.list', fault.unavailable(503, 0), { when: isLaterPage });
    const once = await audit(emulator(), {});
    assert.equal(once.job.result, 'Succeeded', once.job.log);
    assert.equal(once.outputs['patCount'], '250');

    const refusal = { status: 400, typeKey: 'VssServiceException', message: 'No.' };
    let read = 0;
    faults.add('pats.list', fault.error(refusal), { times: Infinity, when: () => (read += 1) > 2 });
    const broken = await audit(emulator(), { failOn: 'never' });
    assert.equal(broken.job.result, 'SucceededWithIssues', broken.job.log);
    assert.equal(broken.inventory['complete'], false);
    assert.match(issuesOf(mainOf(broken.job, 'audit'), 'warning'), /only 200 PATs.*\[audit-incomplete\]/s);
    assert.match(broken.summary, /This audit is not complete/);
  });

  it('says what it found also where commands are restricted', async () => {
    emulator().pats.seed([{ displayName: 'mine', scope: 'app_token' }]);
    const { job, outputs } = await audit(
      emulator(),
      { failOn: 'never' },
      { settings: { target: { commands: 'restricted' } } },
    );
    assert.equal(mainOf(job, 'audit').result, 'Succeeded', job.log);
    assert.equal(outputs['errorCount'], '1');
    assert.deepEqual(job.uploads, []);
  });

  it('tells every fault of its inputs and of the rules file before any request', async () => {
    const { job } = await audit(emulator(), { rulesFile: 'nowhere.yml', recordedIds: 'x', failOn: 'maybe' });
    const told = issuesOf(mainOf(job, 'audit'));
    assert.match(told, /rulesFile.*cannot be read/);
    assert.match(told, /recordedIds: "x"/);
    assert.match(told, /failOn: "maybe"/);
    assert.equal(emulator().requests.length, 0);
    assert.equal(asText(job.result), 'Failed');
  });

  it('with people: pseudonyms leaves no name in log, summary and files, whatever the service says', async () => {
    const { entra, pats, faults } = emulator();
    const owner = entra.addUser({ displayName: 'Erika Mustermann', active: false });
    pats.seed([
      { displayName: "Erika's laptop", owner, scope: 'app_token', allOrganizations: true },
      { displayName: 'Erika on the mirror', owner, validFrom: new Date(Date.now() - 400 * DAY) },
    ]);
    const message = 'Erika is being moved.';
    for (const [people, isNamed] of [
      ['names', true],
      ['pseudonyms', false],
    ] as const) {
      faults.add('tokenadmin.list', fault.error({ status: 503, typeKey: 'MovingException', message }));
      const inputs = { ...administratorOf(emulator()), people, failOn: 'never' };
      const { job, inventory } = await audit(emulator(), inputs, { variables: { 'System.Debug': 'true' } });
      const left = job.uploads.map(({ content }) => content.toString('utf8'));
      assert.match(job.log, /Trying again/);
      assert.match(logOf(job.steps.find(({ name }) => name === 'print') ?? assert.fail()), /full-access/);
      assert.equal(left.length, 2);
      for (const text of [job.log, ...left, JSON.stringify(job.outputs)])
        if (!isNamed) assert.doesNotMatch(text, /erika|mustermann|laptop|on the mirror|aad\./i);
      assert.equal(job.log.includes('Erika is being moved'), isNamed);
      assert.equal(
        left.every(text => text.includes('Erika')),
        isNamed,
      );
      assert.equal(inventory['people'], people);
      assert.ok(fits(inventory), JSON.stringify(fits.errors));
    }
  });

  it('believes no step but those of IssuePat@1 that a run knows a PAT, whatever other steps print', async () => {
    const { runs, pats } = emulator();
    const projectId = '6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b';
    const id = (number: number) => `12f1170f-0000-4000-8000-00000000000${number}`;
    const nameOf = (label: string, nonce: string) =>
      `${label} job-pat:build/${projectId}/4711/12f1170f/${nonce}`;
    const [genuine, forged] = [nameOf('Genuine', '00c0ffee'), nameOf('Forged', '5ca1ab1e')];
    const step = (number: number, task: { id: string; name: string }, displayName: string): Step => ({
      id: id(number),
      name: 'Issue a PAT for this job',
      task,
      result: 'succeeded',
      startTime: new Date(),
      finishTime: new Date(),
      details: [
        {
          id: id(number + 4),
          type: 'JobPat.issued',
          name: `contoso - - ${displayName}`,
          result: 'succeeded',
          startTime: new Date(),
          finishTime: new Date(),
        },
      ],
    });
    const issuePat = { id: '5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4', name: 'IssuePat' };
    const script = { id: 'd9bafed4-0b18-4f58-968d-86655b4d2ce9', name: 'IssuePat' };
    const steps = [step(1, issuePat, genuine), step(2, script, forged)];
    runs.addBuild({ id: 4711, projectId, jobs: [{ id: id(0), name: 'Job', steps }] });
    pats.seed([{ displayName: genuine }, { displayName: forged }]);
    const jobToken = emulator().jobs.issueToken({ organization: 'contoso' }).value;
    const { job, inventory } = await audit(emulator(), { failOn: 'never' }, { jobToken });
    const rules = new Map(
      objectsOf(inventory['pats']).map(pat => [
        pat['displayName'],
        objectsOf(pat['findings']).map(({ rule }) => rule),
      ]),
    );
    assert.deepEqual(
      [genuine, forged].map(name => rules.get(name)?.includes('job-pat-run-unknown')),
      [false, true],
      job.log,
    );
  });
});
