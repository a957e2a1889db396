import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditPats } from '../../../tasks/AuditPats/AuditPatsV1/run.js';
import { parseJson } from '#text/json';
import { AdministrationService } from './administration-service.js';
import { errorMessage, json } from './answers.js';
import { PatService } from './pat-service.js';
import { JOB_TOKEN } from './revoke-pats.js';
import { failureOf, withoutNetwork } from './world.js';
import { ADMIN, audits, missingOf, rulesOf, statesOf } from './audit-step.js';
import { notHere, WINDOWS } from '../../not-here.js';

describe('The story of an audit', () => {
  withoutNetwork();
  const { step, inTemp } = audits();

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
      const most = number === 4 ? 101 : 4;
      for (let token = 1; token <= most; token++) service.addToken(user, `PAT ${number}.${token}`);
    }
    const world = step(ADMIN);
    await auditPats(world.effects);
    assert.equal(world.agent.outputs['patCount'], '113');
    assert.ok(service.requests.every(({ authorization }) => authorization.startsWith('Basic ')));
    assert.equal(service.asked(/^graph\/membershipstates/).length, 4);
  });

  it('names the user whose PATs cannot be read, and judges those of the others', async () => {
    const service = new AdministrationService();
    service.addToken(service.addUser('ada@contoso.com'), 'of Ada', { scope: 'app_token' });
    const gone = errorMessage(404, 'There is no such identity.', 'IdentityNotFoundException');
    service.alwaysAbout(service.addUser('bob@contoso.com'), 'tokenadmin', gone);
    const outcome = await auditPats(step(ADMIN).effects);
    assert.match(outcome?.message ?? '', /found 1 error,.*contoso, bob@contoso\.com: no PATs could be read/s);
  });

  it('finds PATs of users who are no longer active, and global ones', async () => {
    const service = new AdministrationService();
    const user = service.addUser('ada@contoso.com', undefined, false);
    service.addToken(user, 'of Ada', { allOrganizations: true });
    service.addToken(user, 'over', { revoked: true });
    const world = step(ADMIN);
    await auditPats(world.effects);
    assert.deepEqual(rulesOf(world, 'of Ada').sort(), ['expires-soon', 'global-pat', 'inactive-user']);
    assert.deepEqual(statesOf(world), { 'of Ada': 'active', over: 'revoked' });
  });

  it('is not complete where Graph does not say whether somebody is active, and asks about the others', async () => {
    const service = new AdministrationService();
    const [ada] = ['ada', 'bob', 'eve'].map(name => {
      const user = service.addUser(`${name}@contoso.com`, undefined, false);
      service.addToken(user, `of ${name}`);
      return user;
    });
    assert.ok(ada);
    service.alwaysAbout(ada, 'graph', errorMessage(403, 'No.'));
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
    const rulesFile = inTemp('rules.yml');
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
      const service = new AdministrationService();
      service.alwaysAbout(service.addUser('ada@contoso.com'), 'tokenadmin', () => json(200, list));
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
    service.addToken(user, 'endless', { validTo: '2026-03-03T00:00:00Z' });
    service.addToken(user, 'scopeless', { scope: '' });
    service.alwaysAbout(user, 'tokenadmin', usual => {
      const reply = usual();
      return { ...reply, body: reply.body.replace('2026-03-03T00:00:00', 'soon') };
    });
    const { missing } = await missingOf(step(ADMIN));
    assert.deepEqual(
      missing.map(reason => /^the (end|scopes) of PAT [0-9a-f-]+ could not be read$/.exec(reason)?.[1]),
      ['end', 'scopes'],
    );
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
    const rulesFile = inTemp('rules.yml');
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
    const outputFolder = inTemp('artifact', 'pats');
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
    if (process.platform === 'win32') notHere(this, WINDOWS);
    for (const outputFolder of ['/proc/x', '/proc/x/y', '/dev/null/x']) {
      const world = step({ outputFolder });
      await failureOf(() => auditPats(world.effects), 'audit-not-written');
      assert.deepEqual(world.service.requests, [], outputFolder);
    }
  });

  it('replaces what waits under the name of a file, and follows no link', async function () {
    if (process.platform === 'win32') notHere(this, WINDOWS);
    const outputFolder = inTemp('out');
    mkdirSync(outputFolder);
    execFileSync('mkfifo', [join(outputFolder, 'inventory.json')]);
    writeFileSync(inTemp('elsewhere'), 'mine');
    symlinkSync(inTemp('elsewhere'), join(outputFolder, 'inventory.csv'));
    await auditPats(step({ outputFolder }).effects);
    assert.ok(parseJson(readFileSync(join(outputFolder, 'inventory.json'), 'utf8')) !== undefined);
    assert.equal(readFileSync(inTemp('elsewhere'), 'utf8'), 'mine');
    assert.deepEqual(readdirSync(outputFolder).sort(), ['findings.sarif', 'inventory.csv', 'inventory.json']);
  });

  it('says so when its files cannot be written', async () => {
    writeFileSync(inTemp('file'), '');
    const world = step({ outputFolder: inTemp('file', 'folder') });
    await failureOf(() => auditPats(world.effects), 'audit-not-written');
  });
});
