import assert from 'node:assert/strict';
import nock from 'nock';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditPats } from '../../../tasks/AuditPats/AuditPatsV1/run.js';
import { asObject, objectsOf, parseJson, type JsonObject } from '../../../tasks/common/text/json.js';
import { AdministrationService } from './administration-service.js';
import { errorMessage, json, type Answer } from './answers.js';
import { defaultInputs, MemoryAgent } from './memory-agent.js';
import { PatService } from './pat-service.js';
import { ago, JOB_TOKEN, nameOf } from './revoke-pats.js';
import { JOB, OTHER_JOB, OTHER_PROJECT, RunService } from './run-service.js';
import { agentState, failureOf, withoutNetwork, World } from './world.js';

const ADMIN = { whose: 'organization', patIssuer: '', adminToken: 'Admin'.repeat(10) };

describe('The story of an audit', () => {
  withoutNetwork();
  let temp = '';
  beforeEach(() => {
    temp = mkdtempSync(join(tmpdir(), 'audit-'));
  });
  afterEach(() => {
    rmSync(temp, { recursive: true });
  });

  function step(
    inputs: Readonly<Record<string, string>>,
    service = new PatService(),
    more: Readonly<Record<string, string>> = {},
    allowedOrganizations = 'contoso fabrikam',
  ): World {
    const variables = { 'System.AccessToken': JOB_TOKEN, 'Agent.TempDirectory': temp, ...more };
    const state = agentState({ variables, fields: { allowedOrganizations } });
    const all = { ...defaultInputs('AuditPats'), patIssuer: 'issuer', ...inputs };
    return new World(new MemoryAgent({ ...state, inputs: all }), service);
  }

  function inventoryOf({ agent }: World): JsonObject {
    const path = agent.events.flatMap(event =>
      event.kind === 'attachment' && event.type === 'job-pat.inventory' ? [event.path] : [],
    )[0];
    return asObject(parseJson(readFileSync(path ?? assert.fail('nothing attached'), 'utf8'))) ?? {};
  }

  const statesOf = (world: World) =>
    Object.fromEntries(
      objectsOf(inventoryOf(world)['pats']).map(pat => [String(pat['displayName']), pat['state']]),
    );

  const rulesOf = (world: World, displayName: string) =>
    objectsOf(
      objectsOf(inventoryOf(world)['pats']).find(pat => pat['displayName'] === displayName)?.['findings'],
    ).map(({ rule }) => rule);

  it('lists every state and then the active ones: what is missing there was revoked', async () => {
    const service = new PatService();
    service.add('mine');
    service.alive.delete(service.add('revoked').authorizationId);
    const world = step({}, service);
    await auditPats(world.effects);
    const filters = service.requests
      .filter(({ operation }) => operation === 'list')
      .map(({ url }) => url.searchParams.get('displayFilterOption'));
    assert.deepEqual(filters.sort(), ['active', 'all']);
    assert.deepEqual(statesOf(world), { mine: 'active', revoked: 'revoked' });
  });

  for (const [failOn, result] of [
    ['error', 'Failed'],
    ['never', 'SucceededWithIssues'],
  ] as const)
    it(`judges the organizations it can read, and with failOn: ${failOn} ends as ${result}`, async () => {
      const service = new PatService();
      service.add('mine');
      service.nextIn('fabrikam', 'list', ...[1, 2].map(() => errorMessage(403, 'No.')));
      const world = step({ organization: 'contoso, fabrikam', failOn }, service);
      const outcome = await auditPats(world.effects);
      assert.equal(outcome?.result, result);
      assert.match(outcome.message, /fabrikam: no PATs of all states could be read.*\[audit-incomplete\]/s);
      assert.deepEqual(statesOf(world), { mine: 'active' });
      assert.equal(world.agent.outputs['missingCount'], '2');
    });

  it('fails when it can read nothing', async () => {
    const service = new PatService().always('list', errorMessage(403, 'No.'));
    await failureOf(() => auditPats(step({ failOn: 'never' }, service).effects));
  });

  it('ends when it is told to stop, and leaves nothing that looks like a whole', async () => {
    const world = step({});
    world.cancel();
    await failureOf(() => auditPats(world.effects), 'cancelled');
    assert.deepEqual(world.agent.outputs, {});
  });

  it('reads the PATs of everyone as administrator, over all pages', async () => {
    const service = new AdministrationService();
    for (let number = 1; number <= 4; number++) {
      const user = service.addUser(`person${number}@contoso.com`);
      for (let token = 1; token <= 4; token++) service.addToken(user, `PAT ${number}.${token}`);
    }
    const world = step(ADMIN);
    await auditPats(world.effects);
    assert.equal(world.agent.outputs['patCount'], '16');
    assert.ok(service.requests.every(({ authorization }) => authorization.startsWith('Basic ')));
    assert.equal(service.asked(/^graph\/membershipstates/).length, 4);
  });

  it('names the user whose PATs cannot be read, and judges those of the others', async () => {
    const service = new AdministrationService();
    service.addToken(service.addUser('ada@contoso.com'), 'of Ada', { scope: 'app_token' });
    const gone = service.addUser('bob@contoso.com');
    service.tokens.delete(gone.descriptor);
    const outcome = await auditPats(step(ADMIN).effects);
    assert.match(outcome?.message ?? '', /found 1 errors.*contoso, bob@contoso\.com: no PATs could be read/s);
  });

  it('finds PATs of users who are no longer active, and global ones', async () => {
    const service = new AdministrationService();
    const user = service.addUser('ada@contoso.com');
    service.inactive.add(user.descriptor);
    service.addToken(user, 'of Ada', { targetAccounts: null });
    service.addToken(user, 'over', { isValid: false });
    const world = step(ADMIN);
    await auditPats(world.effects);
    assert.deepEqual(rulesOf(world, 'of Ada').sort(), ['expires-soon', 'global-pat', 'inactive-user']);
    assert.deepEqual(statesOf(world), { 'of Ada': 'active', over: 'revoked' });
  });

  /** What the audit says is missing, and how it ended. */
  async function missingOf(world: World): Promise<{ missing: string[]; result: string | undefined }> {
    const outcome = await auditPats(world.effects);
    const missing = objectsOf(inventoryOf(world)['missing']).map(({ user, reason }) =>
      [user, reason].filter(Boolean).join(': '),
    );
    return { missing, result: outcome?.result };
  }

  it('is not complete where Graph does not say whether somebody is active, and asks about the others', async () => {
    const service = new AdministrationService();
    for (const name of ['ada', 'bob', 'eve']) {
      const user = service.addUser(`${name}@contoso.com`);
      service.addToken(user, `of ${name}`);
      service.inactive.add(user.descriptor);
    }
    service.always(/^graph\/membershipstates\/aad\.YWRh/, errorMessage(403, 'No.'));
    const world = step({ ...ADMIN, failOn: 'never' }, new PatService());
    const { missing, result } = await missingOf(world);
    assert.equal(result, 'SucceededWithIssues');
    assert.equal(missing.length, 1);
    assert.match(
      missing[0] ?? '',
      /^ada@contoso\.com: whether the user is an active member could not be read: /,
    );
    assert.ok(!rulesOf(world, 'of ada').includes('inactive-user'));
    for (const name of ['of bob', 'of eve']) assert.ok(rulesOf(world, name).includes('inactive-user'));
  });

  for (const [what, answer] of [
    ['503', errorMessage(503, 'Later.')],
    ['404', errorMessage(404, 'No such member.', 'GraphSubjectNotFoundException')],
    ['an answer that does not say it', () => json(200, { active: 'yes' })],
  ] as const)
    it(`is not complete when every question about members ends in ${what}`, async () => {
      const service = new AdministrationService().always(/^graph\/membershipstates/, answer);
      for (const name of ['ada', 'bob']) service.addToken(service.addUser(`${name}@contoso.com`), name);
      const { missing, result } = await missingOf(step(ADMIN));
      assert.deepEqual([missing.length, result], [2, 'Failed']);
    });

  it('asks nobody about members when no rule looks at them', async () => {
    const rulesFile = join(temp, 'rules.yml');
    writeFileSync(rulesFile, 'rules: { inactive-user: off }');
    const service = new AdministrationService();
    service.addToken(service.addUser('ada@contoso.com'), 'of Ada');
    assert.deepEqual(await missingOf(step({ ...ADMIN, rulesFile })), { missing: [], result: undefined });
    assert.equal(service.asked(/^graph\/membershipstates/).length, 0);
  });

  for (const [what, list, said] of [
    ['is none', {}, /no users could be read: contoso gave a list of users that is none/],
    ['is null', { value: null }, /no users could be read/],
    ['is empty', { value: [] }, /the list of users is empty/],
    ['has a null entry', { value: [null] }, /1 entry of the list of users without a descriptor/],
    [
      'has users without descriptor',
      { value: [{ principalName: 'a' }, 7] },
      /2 entries of the list of users/,
    ],
  ] as const)
    it(`does not take a list of users that ${what} for nobody`, async () => {
      new AdministrationService().always(/^graph\/users/, () => json(200, list));
      const failure = await auditPats(step(ADMIN).effects).then(
        outcome => `${outcome?.result ?? ''}: ${outcome?.message ?? ''}`,
        (error: unknown) => `Failed: ${String(error)}`,
      );
      assert.match(failure, /^Failed: /);
      if ('value' in list && list.value !== null) assert.match(failure, said);
    });

  for (const [what, list, said] of [
    ['is none', { count: 0 }, /no PATs could be read: contoso gave a list of PATs that is none/],
    ['has a null entry', { value: [null] }, /1 entry of the list of PATs without an authorization id/],
    ['has PATs without id', { value: [{ displayName: 'x' }] }, /1 entry of the list of PATs/],
  ] as const)
    it(`does not take a list of PATs that ${what} for no PAT`, async () => {
      const service = new AdministrationService().always(/^tokenadmin.*aad\.YWRh/, () => json(200, list));
      service.addUser('ada@contoso.com');
      service.addToken(service.addUser('bob@contoso.com'), 'of Bob');
      const world = step(ADMIN);
      const { missing, result } = await missingOf(world);
      assert.deepEqual([missing.length, result], [1, 'Failed']);
      assert.match(missing[0] ?? '', new RegExp(`^ada@contoso\\.com: ${said.source}`));
      assert.deepEqual(Object.keys(statesOf(world)), ['of Bob']);
    });

  it('is not complete when it cannot read the end or the scopes of a PAT', async () => {
    const service = new AdministrationService();
    const user = service.addUser('ada@contoso.com');
    service.addToken(user, 'endless', { validTo: 'soon' });
    service.addToken(user, 'scopeless', { scope: '' });
    const { missing } = await missingOf(step(ADMIN));
    assert.deepEqual(
      missing.map(reason => /^the (end|scopes) of PAT [0-9a-f-]+ could not be read$/.exec(reason)?.[1]),
      ['end', 'scopes'],
    );
  });

  it('asks with the token of the job whether the runs of job PATs have ended', async () => {
    const service = new PatService();
    const runs = new RunService().build(4711, 'completed', { finishTime: ago(60) }).build(4712, 'inProgress');
    for (const run of [4711, 4712]) service.add(nameOf(run), 'contoso', ago(90));
    const world = step({}, service);
    const outcome = await auditPats(world.effects);
    assert.equal(outcome?.result, 'Failed');
    assert.deepEqual(rulesOf(world, nameOf(4711)), ['job-pat-run-ended']);
    assert.deepEqual(rulesOf(world, nameOf(4712)), []);
    assert.ok(runs.requests.every(({ authorization }) => authorization === `Bearer ${JOB_TOKEN}`));
  });

  const doubts: readonly (readonly [
    what: string,
    runs: (runs: RunService) => unknown,
    name: string,
    rule: string,
  ])[] = [
    [
      'a run that has no such job',
      runs => runs.build(4711, 'inProgress', { jobs: [{ id: OTHER_JOB, state: 'inProgress' }] }),
      nameOf(4711),
      'job-pat-run-unknown',
    ],
    [
      'a project that nobody sees',
      () => undefined,
      nameOf(1, { projectId: OTHER_PROJECT, jobId: '00000000', nonce: '00000000', label: 'x' }),
      'job-pat-project-unknown',
    ],
    [
      'a release that has no such job',
      runs => runs.release(7, [{ status: 'inProgress', jobs: [{ id: OTHER_JOB, status: 'inProgress' }] }]),
      nameOf(7, { host: 'release' }),
      'job-pat-run-unknown',
    ],
  ];
  for (const [what, prepare, name, rule] of doubts)
    it(`does not believe a name that claims ${what}`, async () => {
      const service = new PatService();
      prepare(new RunService());
      service.add(name, 'contoso', ago(90));
      const world = step({}, service);
      await auditPats(world.effects);
      assert.ok(rulesOf(world, name).includes(rule), rulesOf(world, name).join());
    });

  const issuing = {
    id: 'aaaaaaaa-0000-4000-8000-000000000001',
    type: 'Task',
    parentId: JOB,
    state: 'completed',
  };
  const detailsId = 'aaaaaaaa-0000-4000-8000-000000000002';
  const issued = (displayName: string) => ({
    type: 'JobPat.issued',
    name: `contoso 8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f201 2026-03-02T00:00:00Z ${displayName}`,
  });
  for (const [what, task, told, rules] of [
    ['issued it', '5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4', nameOf(4711), []],
    [
      'issued another',
      '5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4',
      nameOf(4711, { nonce: 'ffffffff' }),
      ['job-pat-run-unknown'],
    ],
    ['are no IssuePat', 'd9bafed4-0b18-4f58-968d-86655b4d2ce9', nameOf(4711), ['job-pat-run-unknown']],
  ] as const)
    it(`asks the steps of the job whether they issued it: they ${what}`, async () => {
      const service = new PatService();
      const records = [
        { id: JOB, type: 'Job', state: 'inProgress' },
        { ...issuing, task: { id: task }, details: { id: detailsId } },
      ];
      new RunService()
        .build(4711, 'inProgress')
        .answers('build/builds/4711/timeline', () => json(200, { records }))
        .answers(`build/builds/4711/timeline/${detailsId}`, () => json(200, { records: [issued(told)] }));
      service.add(nameOf(4711), 'contoso', ago(90));
      const world = step({}, service);
      await auditPats(world.effects);
      assert.deepEqual(
        rulesOf(world, nameOf(4711)).filter(rule => rule !== 'expires-soon'),
        rules,
      );
    });

  it('is not complete when nobody can tell what became of a run', async () => {
    for (const [token, said] of [
      [JOB_TOKEN, /^what became of the runs of 2 job PATs could not be read: /],
      ['', /the agent gave no token of the job$/],
    ] as const) {
      const service = new PatService();
      new RunService().answers('build/builds/4711', errorMessage(403, 'No.', 'AccessDeniedException'));
      for (const nonce of ['00000001', '00000002']) service.add(nameOf(4711, { nonce }), 'contoso', ago(90));
      const world = step({}, service, { 'System.AccessToken': token });
      const { missing, result } = await missingOf(world);
      assert.deepEqual([missing.length, result], [1, 'Failed']);
      assert.match(missing[0] ?? '', said);
      nock.cleanAll();
    }
  });

  it('names nobody with people: pseudonyms, and the same user and name alike everywhere', async () => {
    const service = new AdministrationService();
    const users = ['ada', 'bob'].map(name => service.addUser(`${name}@contoso.com`));
    for (const user of users)
      for (const label of ["Erika's laptop", "Erika's laptop", nameOf(4711, { label: 'Erika' })])
        service.addToken(user, label, { scope: 'app_token' });
    service.always(/^graph\/membershipstates\/aad\.YWRh/, errorMessage(403, 'ada@contoso.com may not.'));
    const rulesFile = join(temp, 'rules.yml');
    writeFileSync(rulesFile, `exceptions:\n  - { name: Erika*, reason: r, until: 2026-02-01 }\n`);
    new RunService().build(4711, 'inProgress');
    const world = step({ ...ADMIN, people: 'pseudonyms', rulesFile });
    const outcome = await auditPats(world.effects);
    const inventory = inventoryOf(world);
    const { inventoryFile = '', csvFile = '', sarifFile = '' } = world.agent.outputs;
    const summary =
      world.agent.events.flatMap(event =>
        event.kind === 'attachment' && event.type !== 'job-pat.inventory' ? [event.path] : [],
      )[0] ?? '';
    const shown = [inventoryFile, csvFile, sarifFile, summary].map(path => readFileSync(path, 'utf8'));
    const said = [outcome?.message ?? '', world.agent.lines('info').join('\n')];
    for (const text of [...shown, ...said]) assert.doesNotMatch(text, /ada@|bob@|erika|laptop|aad\./i);
    const pats = objectsOf(inventory['pats']);
    const owners = new Set(pats.map(({ user }) => asObject(user)?.['principalName']));
    assert.deepEqual([owners.size, new Set(pats.map(pat => pat['displayName'])).size], [2, 2]);
    const [owner] = objectsOf(inventory['missing']);
    assert.ok(owners.has(owner?.['user']));
    for (const text of shown) assert.ok([...owners].every(name => text.includes(String(name))));
    assert.ok(pats.some(({ displayName }) => /^PAT-[0-9a-f]{12} job-pat:build\//.test(String(displayName))));
    assert.equal(inventory['people'], 'pseudonyms');
  });

  it('tells with people: pseudonyms that it asks again, and not what the service said', async () => {
    const words = () => json(503, { message: 'ada@contoso.com is moving.', typeKey: 'MovingException' });
    for (const people of ['names', 'pseudonyms']) {
      const service = new PatService().next('list', words, words);
      service.add(nameOf(4711, { label: 'mine' }));
      new RunService().answers('build/builds/4711', words);
      const world = step({ people }, service);
      await auditPats(world.effects);
      const lines = (['info', 'debug', 'warning', 'error'] as const).map(kind => world.agent.lines(kind));
      assert.match(lines.flat().join('\n'), /Trying again/);
      assert.equal(lines.flat().join('\n').includes('ada@'), people === 'names');
      nock.cleanAll();
    }
  });

  it('names nobody with people: pseudonyms where it fails at the sign-in or at every list', async () => {
    const said = { error: 'invalid_grant', error_description: 'AADSTS50105: ada@contoso.com.' };
    const refused: Answer = () => json(400, said);
    const denied = errorMessage(403, 'ada@contoso.com may not.');
    for (const [operation, answer] of [
      ['redeem', refused],
      ['list', denied],
    ] as const)
      for (const people of ['names', 'pseudonyms']) {
        const world = step({ people }, new PatService().always(operation, answer));
        const { message } = await failureOf(() => auditPats(world.effects));
        assert.equal(message.includes('ada@'), people === 'names', message);
        nock.cleanAll();
      }
  });

  for (const allowedOrganizations of ['contoso', 'https://dev.azure.com/Contoso'])
    it(`audits no organization beyond the ceiling "${allowedOrganizations}", and asks nothing`, async () => {
      const service = new PatService();
      const world = step({ organization: 'contoso, fabrikam' }, service, {}, allowedOrganizations);
      const { message } = await failureOf(() => auditPats(world.effects));
      assert.match(message, /fabrikam is not among allowedOrganizations/);
      assert.deepEqual(service.requests, []);
      assert.deepEqual(readdirSync(temp), []);
    });

  it('knows the token of the job as a secret before it asks anything', async () => {
    const world = step({});
    await auditPats(world.effects);
    const order = world.story(event =>
      event.kind === 'request' || (event.kind === 'mask' && event.secret === JOB_TOKEN)
        ? event.kind
        : undefined,
    );
    assert.equal(order[0], 'mask');
  });

  it('lets exceptions cover until they end; then they are findings themselves', async () => {
    const rulesFile = join(temp, 'rules.yml');
    const until = (day: string) => `  - name: mi?e\n    reason: because\n    until: ${day}\n`;
    const judged = async (day: string) => {
      writeFileSync(rulesFile, `exceptions:\n${until(day)}`);
      const service = new PatService();
      service.add('mine');
      const world = step({ rulesFile, failOn: 'warning' }, service);
      const outcome = await auditPats(world.effects);
      const { errorCount, warningCount, exceptedCount } = world.agent.outputs;
      return [outcome?.result, errorCount, warningCount, exceptedCount];
    };
    assert.deepEqual(await judged('2026-03-01'), [undefined, '0', '0', '1'], 'It counts on its last day.');
    assert.deepEqual(await judged('2026-02-28'), ['Failed', '0', '2', '0']);
  });

  it('leaves its files where it is told, and hands over copies that a second audit does not touch', async () => {
    const outputFolder = join(temp, 'artifact', 'pats');
    const world = step({ outputFolder });
    await auditPats(world.effects);
    await auditPats(world.effects);
    const { inventoryFile, csvFile, sarifFile } = world.agent.outputs;
    for (const file of [inventoryFile, csvFile, sarifFile]) assert.ok(file?.startsWith(outputFolder));
    const attached = world.agent.events.flatMap(event => (event.kind === 'attachment' ? [event.path] : []));
    assert.equal(new Set(attached).size, 4);
    for (const path of attached) assert.ok(readFileSync(path, 'utf8') !== '');
  });

  it('asks nothing when its files cannot be written', async function () {
    if (process.platform === 'win32') this.skip();
    for (const outputFolder of ['/proc/x', '/proc/x/y', '/dev/null/x']) {
      const world = step({ outputFolder });
      await failureOf(() => auditPats(world.effects), 'audit-not-written');
      assert.deepEqual(world.service.requests, [], outputFolder);
    }
  });

  it('replaces what waits under the name of a file, and follows no link', async function () {
    if (process.platform === 'win32') this.skip();
    const outputFolder = join(temp, 'out');
    mkdirSync(outputFolder);
    execFileSync('mkfifo', [join(outputFolder, 'inventory.json')]);
    writeFileSync(join(temp, 'elsewhere'), 'mine');
    symlinkSync(join(temp, 'elsewhere'), join(outputFolder, 'inventory.csv'));
    await auditPats(step({ outputFolder }).effects);
    assert.ok(parseJson(readFileSync(join(outputFolder, 'inventory.json'), 'utf8')) !== undefined);
    assert.equal(readFileSync(join(temp, 'elsewhere'), 'utf8'), 'mine');
    assert.deepEqual(readdirSync(outputFolder).sort(), ['findings.sarif', 'inventory.csv', 'inventory.json']);
  });

  it('says so when its files cannot be written', async () => {
    writeFileSync(join(temp, 'file'), '');
    const world = step({ outputFolder: join(temp, 'file', 'folder') });
    await failureOf(() => auditPats(world.effects), 'audit-not-written');
  });
});
