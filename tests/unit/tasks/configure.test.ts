import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from './answers.js';
import { afterJob, issuePat } from './issue-pat.js';
import { failureOf, mainStage, withoutNetwork } from './world.js';

describe('configure', () => {
  withoutNetwork();
  let temp = '';
  beforeEach(() => {
    temp = mkdtempSync(join(tmpdir(), 'configure-'));
  });
  afterEach(() => {
    rmSync(temp, { recursive: true });
  });
  const step = (inputs: Record<string, string>, fields: Record<string, string> = {}) =>
    mainStage({ inputs, fields, variables: { 'Agent.TempDirectory': temp } });

  it('sets variables that hold the PAT, masked before, and files that do not', async () => {
    const world = step({ configure: 'git, npm' });
    await issuePat(world);
    const { agent, service } = world;
    const value = service.made[0]?.value ?? assert.fail();
    assert.equal(agent.jobVariables['JOBPAT_GIT_CONTOSO'], value);
    assert.equal(agent.jobVariables['JOBPAT_NPM_CONTOSO'], Buffer.from(value).toString('base64'));
    const masked = agent.events.findIndex(event => event.kind === 'mask' && event.secret === value);
    const set = agent.events.findIndex(event => event.kind === 'job variable');
    assert.ok(masked >= 0 && masked < set);
    assert.ok(!readFileSync(agent.jobVariables['NPM_CONFIG_GLOBALCONFIG'] ?? '', 'utf8').includes(value));
    const lines = agent.lines('info').filter(line => line.includes('Set until the job ends'));
    assert.deepEqual(
      lines.map(line => line.split(':')[0]),
      ['git', 'npm'],
    );
  });

  it('that is not asked for sets nothing', async () => {
    const world = step({});
    await issuePat(world);
    assert.deepEqual(world.agent.jobVariables, {});
    assert.equal(world.agent.taskVariables.has('JobPat.Configured'), false);
  });

  it('gives the outputs and the author from what the verification reads', async () => {
    const world = step({ configure: 'git' });
    world.service.next('verify', () =>
      json(200, {
        authenticatedUser: {
          id: '0a1b2c3d-0000-4000-8000-000000000001',
          providerDisplayName: 'Pat Issuer',
          properties: { Account: { $type: 'System.String', $value: 'pat@contoso.com' } },
        },
      }),
    );
    await issuePat(world);
    assert.deepEqual(world.service.operations, ['redeem', 'create', 'verify']);
    assert.equal(world.agent.outputs['gitUserName'], 'Pat Issuer');
    assert.equal(world.agent.outputs['gitUserEmail'], 'pat@contoso.com');
    assert.match(world.agent.jobVariables['GIT_CONFIG_PARAMETERS'] ?? '', /'user\.email=pat@contoso\.com'$/);
  });

  it('with verify: false knows no author, and says so', async () => {
    const world = step({ configure: 'git', verify: 'false' });
    await issuePat(world);
    assert.doesNotMatch(world.agent.jobVariables['GIT_CONFIG_PARAMETERS'] ?? '', /user\./);
    assert.match(
      world.agent.lines('info').join('\n'),
      /commits get no author, since verify: false reads none/,
    );
  });

  it('takes the PAT out of the variables after the job', async () => {
    const world = step({ configure: 'git' });
    await issuePat(world);
    const post = world.laterStage();
    Object.assign(post.agent, { variable: () => 'something' });
    await afterJob(post);
    assert.deepEqual(post.agent.jobVariables, { JOBPAT_GIT_CONTOSO: 'ended' });
    assert.equal(world.service.alive.size, 0);
  });

  it('of a tool for one organization is refused for several, before any request', async () => {
    const fields = { allowedOrganizations: 'contoso fabrikam' };
    const world = step({ configure: 'git azureDevOpsCli', organization: 'contoso, fabrikam' }, fields);
    const { message } = await failureOf(() => issuePat(world), 'input-not-valid');
    assert.match(message, /Input configure: azureDevOpsCli takes one PAT/);
    assert.deepEqual(world.service.operations, []);
  });

  it('whose files cannot be written leaves no PAT alive', async () => {
    const world = mainStage({
      inputs: { configure: 'npm' },
      variables: { 'Agent.TempDirectory': join(temp, 'x\0y') },
    });
    await failureOf(() => issuePat(world));
    assert.equal(world.service.made.length, 1);
    assert.equal(world.service.alive.size, 0);
    assert.equal(existsSync(join(temp, 'x')), false);
  });
});
