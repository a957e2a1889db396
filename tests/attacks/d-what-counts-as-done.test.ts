import assert from 'node:assert/strict';
import { JobControl } from '#local-agent/index';
import { emptyReply, jsonReply, textReply, type Reply } from '#emulator/http/reply';
import { type Emulator, fault } from '#emulator/index';
import { asObject, parseJson, type JsonObject } from '#text/json';
import { emulatorForEachTest, issueStep, logOf, mainOf, postOf, runIssuingJob } from '../e2e/issuing-job.js';
import { alive, minutesAgo, nameOf, projectId, revoke, seed } from '../e2e/revoking-job.js';

const OTHER_PROJECT = 'cdcdcdcd-3434-4565-8787-909090909090';
const PAGE = '<!DOCTYPE html><html><body>Welcome</body></html>';
const ROUTE = "The controller for path '/x' was not found or does not implement IController.";
const text = (status: number, body: string, type = 'text/plain') => textReply(status, type, body);
const typed = (status: number, typeKey: string, message: string) =>
  jsonReply(status, { $id: '1', innerException: null, message, typeKey, errorCode: 0 });

/** Answers to a revocation or a question that do not say of this very thing that it is gone. */
const lies: Readonly<Record<string, Reply>> = {
  'an empty 404': emptyReply(404),
  'a 404 of a route': text(404, ROUTE),
  'a 404 page': text(404, PAGE, 'text/html'),
  'a 404 about a project': typed(404, 'ProjectDoesNotExistException', 'TF200016: tokenNotFound'),
  'a 404 about a host': typed(404, 'HostNotFoundException', 'It is gone.'),
  'a 404 whose type stands elsewhere': jsonReply(404, {
    error: { typeKey: 'SessionTokenNotFoundException' },
  }),
  'a 410': emptyReply(410),
  'a 410 in JSON': jsonReply(410, { message: 'tokenNotFound' }),
  'a 400 InvalidToken': typed(400, 'SessionTokenCreateException', 'InvalidToken'),
  'a 403 that mentions it': typed(403, 'AccessCheckException', 'You may not; see tokenNotFound.'),
  'a 409': typed(409, 'TokenAlreadyRevokedException', 'It was revoked.'),
  'a 201': emptyReply(201),
  'a 202': emptyReply(202),
  'a 202 with none': jsonReply(202, { patToken: null, patTokenError: 'none' }),
  'a 206 with tokenNotFound': jsonReply(206, { patTokenError: 'tokenNotFound' }),
  'a 200 with nothing': emptyReply(200),
  'a 200 with null': jsonReply(200, null),
  'a 200 with an empty object': jsonReply(200, {}),
  'a 200 with a list': jsonReply(200, { count: 0, value: [] }),
  'a 200 with invalidToken': jsonReply(200, { patTokenError: 'invalidToken' }),
  'a 200 page': text(200, PAGE, 'text/html'),
};

describe('What counts as done: a service, or what is in front of it, that lies about a PAT', function () {
  this.timeout(120_000);
  const emulator = emulatorForEachTest();

  for (const [what, reply] of Object.entries(lies)) {
    it(`makes no post-job green that left the PAT alive: ${what}`, async () => {
      emulator().faults.add('pats.revoke', fault.answer(reply), { times: Infinity });
      const job = await runIssuingJob(emulator());
      assert.equal(postOf(job).result, 'SucceededWithIssues', job.log);
      assert.equal(emulator().pats.active().length, 1);
      assert.match(logOf(postOf(job)), /stays alive in contoso until/);
    });
  }

  for (const what of ['an empty 404', 'a 202', 'a 200 with nothing', 'a 200 page']) {
    it(`makes no administrator believe that a PAT is gone: ${what}`, async () => {
      const reply = lies[what] ?? assert.fail();
      const { user } = emulator().entra;
      seed(emulator(), [nameOf(7)]);
      emulator().faults.add('tokenadmin.revoke', fault.answer(reply), { times: Infinity });
      const inputs = {
        as: 'administrator',
        user: user.principalName,
        what: 'name',
        namePattern: 'Nightly *',
      };
      const adminToken = emulator().entra.issueAccessToken({ user }).value;
      const { step, outputs } = await revoke(emulator(), { ...inputs, organization: 'contoso', adminToken });
      assert.notEqual(step.result, 'Succeeded', logOf(step));
      assert.notEqual(outputs['revokedCount'], '1');
    });
  }

  for (const [what, list] of [
    ['a promise', jsonReply(202, { patTokens: [] })],
    ['a part', jsonReply(206, { patTokens: [] })],
    ['none', jsonReply(200, { patTokens: null })],
    ['a list of other things', jsonReply(200, { count: 0, value: [] })],
    ['a page', text(200, PAGE, 'text/html')],
    ['a 404', emptyReply(404)],
  ] as const)
    it(`is not helped by a list that is ${what}`, async () => {
      emulator().faults.add('pats.revoke', fault.answer(emptyReply(404)), { times: Infinity });
      emulator().faults.add('pats.list', fault.answer(list), { times: Infinity });
      const [pat] = seed(emulator(), [nameOf(7)]);
      const { step } = await revoke(emulator(), {
        what: 'ids',
        authorizationIds: pat?.authorizationId ?? '',
      });
      assert.equal(step.result, 'SucceededWithIssues', logOf(step));
      assert.equal(emulator().pats.active().length, 1);
    });

  it('does not make RevokePat end another PAT than the one whose id was given', async () => {
    const [pat, other] = seed(emulator(), [nameOf(7), nameOf(8)]);
    const answer = jsonReply(200, { patTokenError: 'none', patToken: { ...other, token: null } });
    emulator().faults.add('pats.get', fault.answer(answer), { times: Infinity });
    await revoke(emulator(), { what: 'ids', authorizationIds: pat?.authorizationId ?? '' });
    assert.deepEqual(alive(emulator()), [nameOf(8)]);
  });
});

describe('What counts as done: a service that lies about a run', function () {
  this.timeout(120_000);
  const emulator = emulatorForEachTest();
  const running = () => emulator().runs.addBuild({ id: 7, projectId });
  const ended = {
    id: 7,
    status: 'completed',
    finishTime: '2026-01-01T00:00:00Z',
    project: { id: projectId },
  };
  const notFound = typed(404, 'BuildNotFoundException', 'The requested build 7 could not be found.');

  async function assertKept(): Promise<void> {
    running();
    seed(emulator(), [nameOf(7)]);
    const { step } = await revoke(emulator(), { what: 'orphans' });
    assert.deepEqual(alive(emulator()), [nameOf(7)], logOf(step));
    assert.match(logOf(step), /Nobody can tell whether the jobs of these PATs have ended/);
  }

  const aboutRuns: Readonly<Record<string, Reply>> = {
    ...Object.fromEntries(Object.entries(lies).filter(([what]) => /40[049]|410|200/.test(what))),
    'a 400 that says not found': typed(400, 'BuildNotFoundException', 'It could not be found.'),
    'a 410 that says not found': typed(410, 'BuildNotFoundException', 'It could not be found.'),
    'a 404 about a definition': typed(404, 'DefinitionNotFoundException', 'build 7 was not found'),
    'a promise that it has ended': jsonReply(202, ended),
    'an end of no run in particular': jsonReply(200, { status: 'completed', finishTime: ended.finishTime }),
    'the end of another run': jsonReply(200, { ...ended, id: 8 }),
    'the end in another project': jsonReply(200, { ...ended, project: { id: OTHER_PROJECT } }),
    'a state that is a number': jsonReply(200, { ...ended, status: 2 }),
  };
  for (const [what, reply] of Object.entries(aboutRuns))
    it(`does not take the PAT of a running job: ${what}`, async () => {
      emulator().faults.add('build.get', fault.answer(reply), { times: Infinity });
      await assertKept();
    });

  const deletedLists: Readonly<Record<string, Reply>> = {
    'a list that minds no filter': jsonReply(200, { count: 1, value: [{ ...ended, status: 'inProgress' }] }),
    'a list of another run': jsonReply(200, { count: 1, value: [{ ...ended, id: 8, deleted: true }] }),
    'a list of no run in particular': jsonReply(200, {
      count: 1,
      value: [{ status: 'completed', deleted: true }],
    }),
    'a promise of a list': jsonReply(202, { count: 1, value: [{ ...ended, deleted: true }] }),
    'no list': jsonReply(200, {}),
    'an empty 404': emptyReply(404),
  };
  for (const [what, reply] of Object.entries(deletedLists))
    it(`does not take the PAT of a job whose run is hidden: ${what}`, async () => {
      emulator().faults.add('build.get', fault.answer(notFound), { times: Infinity });
      emulator().faults.add('build.list', fault.answer(reply), { times: Infinity });
      await assertKept();
    });

  for (const date of [
    'Mon, 01 Jan 2001 00:00:00 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Monday, 01-Jan-01 00:00:00 GMT',
  ])
    it(`spares no orphan by a clock of ${date}, and is not green`, async () => {
      emulator().runs.addBuild({ id: 7, projectId, status: 'completed', finishTime: minutesAgo(600) });
      seed(emulator(), [nameOf(7)]);
      emulator().faults.add('build.get', fault.headers({ Date: date }), { times: Infinity });
      const { step } = await revoke(emulator(), { what: 'orphans' });
      assert.deepEqual(alive(emulator()), []);
      assert.equal(step.result, 'SucceededWithIssues', logOf(step));
    });

  for (const namePattern of [
    '*job-pat:*',
    '*:*',
    '*-*',
    '*/*',
    '* *',
    '*[0-9a-f]',
    '?*',
    '*[!x]',
    '{*a*,*b*,*0*}',
    '*e*',
  ])
    it(`lets nobody end every PAT by the pattern ${namePattern}`, async () => {
      seed(emulator(), [nameOf(7)]);
      const { step } = await revoke(emulator(), { what: 'name', namePattern });
      assert.equal(step.result, 'Failed', logOf(step));
      assert.equal(emulator().requests.length, 0);
    });

  it('is told whose run goes on, when its PATs are ended by hand', async () => {
    running();
    seed(emulator(), [nameOf(7)]);
    const { step } = await revoke(emulator(), { what: 'run', runId: '7' });
    assert.match(logOf(step), /build 7 has not ended: 1 of 1 PAT belongs/);
  });
});

describe('What counts as done: a service that grants more than was asked', function () {
  this.timeout(120_000);
  const emulator = emulatorForEachTest();
  const inYears = (years: number) => new Date(Date.now() + years * 365 * 86_400_000).toISOString();

  /** The answer to a create request with other words about the PAT. */
  const saying = (change: (pat: JsonObject) => JsonObject) =>
    fault.changed('says something else', reply => {
      const body = asObject(parseJson(reply.body.toString('utf8'))) ?? {};
      const patToken = change(asObject(body['patToken']) ?? {});
      return { ...reply, body: Buffer.from(JSON.stringify({ ...body, patToken })) };
    });

  for (const [what, more] of [
    ['for a year', { validTo: inYears(1) }],
    ['for ever', { validTo: '9999-12-31T23:59:59.9999999Z' }],
    ['for nobody knows how long', { validTo: '0001-01-01T00:00:00' }],
    ['with full access', { scope: 'app_token' }],
    ['that may write', { scope: 'vso.code_write' }],
    ['with one more scope', { scope: 'vso.code vso.build_execute' }],
    ['with a scope behind a no-break space', { scope: 'vso.code\u00a0app_token' }],
    ['with scopes that are no text', { scope: ['app_token'] }],
    ['for every organization', { targetAccounts: null }],
    ['for two organizations', { targetAccounts: [projectId, projectId.replace(/^./, 'a')] }],
  ] as const)
    it(`hands out no PAT ${what}`, async () => {
      emulator().faults.add(
        'pats.create',
        saying(pat => ({ ...pat, ...more })),
        { times: Infinity },
      );
      const job = await runIssuingJob(emulator(), { steps: [issueStep({ verify: false })] });
      assert.equal(mainOf(job).result, 'Failed', job.log);
      assert.equal(job.variables['JOB_PAT'], undefined);
      assert.deepEqual(emulator().pats.active(), []);
    });

  for (const expires of ['1e15', '-1', '"soon"', 'null', '[3600]', '1e400', '"Infinity"'])
    it(`is done with a sign-in that ends in ${expires} seconds`, async () => {
      const odd = fault.changed('odd end', reply => {
        const body = reply.body.toString('utf8').replace(/"expires_in":\s*\d+/, `"expires_in":${expires}`);
        return { ...reply, body: Buffer.from(body) };
      });
      emulator().faults.add('entra.token', odd, { times: Infinity });
      const job = await runIssuingJob(emulator());
      assert.doesNotMatch(job.log, /RangeError|TypeError|\[unexpected\]/);
      assert.deepEqual(emulator().pats.active(), []);
    });
});

describe('What counts as done: a step in a container that outlives its post-job', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  /** Cancels at the first request of this kind, and answers it only after the post-job has ended. */
  async function outlived(operation: 'pats.create' | 'entra.token', instance: Emulator) {
    const control = new JobControl();
    let release = (): void => undefined;
    const over = new Promise<void>(resolve => (release = resolve));
    instance.faults.add(operation, {
      name: 'answers after the post-job',
      async act({ proceed }) {
        control.cancel();
        await over;
        return proceed();
      },
    });
    const job = await runIssuingJob(instance, {
      control,
      container: {},
      timing: { sigintMs: 50, sigtermMs: 50, cancelBudgetMs: 60_000, containerMs: 8_000 },
      onStageEnd: ({ stage }) => {
        if (stage === 'post') release();
      },
    });
    return job;
  }

  for (const operation of ['entra.token', 'pats.create'] as const)
    it(`leaves no PAT when it was cancelled at ${operation}`, async () => {
      await outlived(operation, emulator());
      assert.deepEqual(emulator().pats.active(), []);
    });
});
