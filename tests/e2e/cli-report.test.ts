import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fault } from '#emulator/index';
import { builtCli } from '../../scripts/build-cli.js';
import { emulatorReport, likeReported } from '../../scripts/assumptions/ask-emulator.js';
import { compareReports } from '../../scripts/assumptions/compare.js';
import { readReport } from '../../scripts/assumptions/read-report.js';
import { commandLineTool, start, type Running } from './cli-process.js';
import { emulatorForEachTest } from './issuing-job.js';
import { taskNode } from './packaged-extension.js';
import { PseudoTerminal } from './pseudo-terminal.js';

describe('job-pat doctor --report', () => {
  const emulator = emulatorForEachTest();
  let folder: string;
  let file: string;

  before(commandLineTool);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'job-pat-report-'));
    file = join(folder, 'report.yml');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const doctor = () => [
    'doctor',
    '-o',
    emulator().organizationUrl('contoso'),
    '--entra-token',
    '--report',
    file,
  ];
  const token = () => ({ JOB_PAT_ENTRA_TOKEN: emulator().entra.issueAccessToken().value });
  const report = (...more: string[]): Running => start([...doctor(), '--yes', ...more], token());
  const written = () => readFile(file, 'utf8');

  it('says what it does, asks, writes what it heard, and leaves no PAT', async () => {
    emulator().pats.seed([{ organization: 'contoso', displayName: 'laptop of Ann' }]);
    const { code, stdout, stderr } = await report().ended;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /^This asks contoso what Job PAT assumes of it:\n\n {2}1\. /);
    assert.match(stdout, /^holds {6}refusal-status {12}/m);
    assert.match(stderr, /Written: .*report\.yml\. 2 PATs made, 2 revoked\./);
    const alive = emulator().pats.active();
    assert.deepEqual(
      alive.map(({ displayName }) => displayName),
      ['laptop of Ann'],
    );
    const made = emulator().pats.list().slice(1);
    for (const { validFrom, validTo } of made)
      assert.ok(validTo.getTime() - validFrom.getTime() <= 10 * 60_000 + 1_000);
    const text = await written();
    const said = [...emulator().pats.list(), ...alive].flatMap(pat => [
      pat.value,
      pat.authorizationId,
      pat.displayName,
    ]);
    for (const secret of ['contoso', 'Ann', emulator().entra.user.id, emulator().entra.tenantId, ...said])
      assert.ok(!text.includes(secret), secret);
    const reported = readReport(text);
    assert.deepEqual(compareReports(reported, await emulatorReport(likeReported(reported))), []);
  });

  it('asks nothing of anybody where a person says no', async () => {
    const terminal = await PseudoTerminal.start(
      ['env', `JOB_PAT_ENTRA_TOKEN=${token().JOB_PAT_ENTRA_TOKEN}`, taskNode, builtCli, ...doctor()],
      { columns: 80 },
    );
    await terminal.shows(/Go on\? \[y\/N\]/);
    await terminal.type('n', 'Enter');
    await terminal.shows(/Nothing was asked\.\s+code 1/);
    await terminal.close();
    assert.equal(emulator().requests.length, 0);
    assert.ok(!existsSync(file));
  });

  it('needs --yes where nobody can be asked', async () => {
    const { code, stderr } = await start(doctor(), token()).ended;
    assert.equal(code, 2);
    assert.match(stderr, /--yes: is required with --report/);
    assert.equal(emulator().requests.length, 0);
  });

  it('writes over no file, and into no folder that is not there', async () => {
    await writeFile(file, 'mine');
    const { code, stderr } = await report().ended;
    assert.equal(code, 2);
    assert.match(stderr, /--report: ".*report\.yml" is there already/);
    assert.equal(await written(), 'mine');
    file = join(folder, 'none', 'report.yml');
    assert.match((await report().ended).stderr, /--report: .*its folder is not there/);
    assert.equal(emulator().requests.length, 0);
  });

  it('revokes what it made at Ctrl+C, and writes what it knows by then', async () => {
    const running = report();
    await emulator().waitFor('connectionData');
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 130, stdout + stderr);
    assert.deepEqual(emulator().pats.active(), []);
    assert.match(await written(), /^pats made: 2\npats left: 0$/m);
    assert.match(await written(), /it was stopped before/);
  });

  it('names what it could not revoke', async () => {
    const refused = fault.error({ status: 403, typeKey: 'AccessCheckException', message: 'TF400813: no.' });
    emulator().faults.add('pats.revoke', refused, { times: 20 });
    const { code, stderr } = await report().ended;
    assert.equal(code, 1);
    const left = emulator().pats.active();
    assert.equal(left.length, 2);
    for (const { displayName, authorizationId } of left) {
      assert.ok(stderr.replaceAll(/\s+/g, ' ').includes(displayName.trim()), displayName);
      assert.ok(stderr.includes(authorizationId));
    }
    assert.match(await written(), /^pats left: 2$/m);
  });

  it('takes every failure for an answer', async () => {
    emulator().faults.add('pats.list', fault.signIn(), { times: 20 });
    emulator().faults.add('pats.get', fault.redirect(), { times: 20 });
    emulator().faults.add('connectionData', fault.unauthorized());
    const { code, stdout } = await report().ended;
    assert.equal(code, 1, stdout);
    assert.deepEqual(emulator().pats.active(), []);
    const question = new Map(readReport(await written()).map(each => [each.id, each]));
    assert.match(question.get('time-until-alive')?.because ?? '', /^after 1/);
    assert.equal(question.get('value-shown-once')?.because, 'HTTP 302');
    assert.match(question.get('list-shows-at-once')?.because ?? '', /^it could not be asked: HTTP 203, /);
    assert.equal(question.get('foreign-id')?.verdict, 'holds');
  });

  it('is written also where nobody could sign in', async () => {
    const application = ['-c', emulator().entra.clientId, '--refresh-token'];
    const { code, stderr } = await start(
      [...doctor().filter(word => word !== '--entra-token'), ...application, '--yes'],
      { JOB_PAT_REFRESH_TOKEN: '1.Aunknown' },
    ).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^error: /m);
    assert.match(await written(), /id: organization-greeting\n.*\n.*\n {4}verdict: holds/);
    assert.match(await written(), /because: "nobody is signed in: entra-refused"/);
  });
});
