import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditPats } from '../../../tasks/AuditPats/AuditPatsV1/run.js';
import { asObject, objectsOf, parseJson, type JsonObject } from '../../../tasks/common/text/json.js';
import { AdministrationService } from './administration-service.js';
import { emptyUnauthorized, errorMessage } from './answers.js';
import { defaultInputs, MemoryAgent } from './memory-agent.js';
import { PatService } from './pat-service.js';
import { ago, JOB_TOKEN, nameOf } from './revoke-pats.js';
import { RunService } from './run-service.js';
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

  function step(inputs: Readonly<Record<string, string>>, service = new PatService()): World {
    const variables = { 'System.AccessToken': JOB_TOKEN, 'Agent.TempDirectory': temp };
    const state = agentState({ variables, fields: { allowedOrganizations: 'contoso fabrikam' } });
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

  it('does not guess who is active where Graph does not say', async () => {
    const service = new AdministrationService();
    service.addToken(service.addUser('ada@contoso.com'), 'of Ada');
    service.next(
      usual => usual(),
      usual => usual(),
      emptyUnauthorized,
    );
    const world = step({ ...ADMIN, failOn: 'never' });
    assert.equal(await auditPats(world.effects), undefined);
    assert.ok(!rulesOf(world, 'of Ada').includes('inactive-user'));
    assert.match(world.agent.lines('info').join('\n'), /Whether users are active is not known/);
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

  it('says so when its files cannot be written', async () => {
    writeFileSync(join(temp, 'file'), '');
    const world = step({ outputFolder: join(temp, 'file', 'folder') });
    await failureOf(() => auditPats(world.effects), 'audit-not-written');
  });
});
