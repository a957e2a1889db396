import assert from 'node:assert/strict';
import { issuerConnectionName } from '#local-agent/emulated-run';
import { jsonReply } from '#emulator/http/reply';
import { type Emulator, fault } from '#emulator/index';
import { storeMark } from '../../tasks/common/stores/store.js';
import { emulatorForEachTest, issuer, issuesOf, logOf, mainOf, runIssuingJob } from '../e2e/issuing-job.js';
import { nameOf, projectId, revoke } from '../e2e/revoking-job.js';
import { dueRotation, inputsOf, NAME, places, rotate, storedIssuer } from '../e2e/rotating-job.js';

const GROUP = places.variableGroup;
const FOREIGN = 'a-secret-that-nobody-rotates';
const DAY = 86_400_000;

/** A variable group of the project in which somebody keeps something. */
function group(emulator: Emulator, more: Record<string, { value: string; isSecret?: true }> = {}): void {
  emulator.projects.add('contoso', { id: projectId, name: 'Web' });
  emulator.variableGroups.add({
    name: 'deploy',
    projects: [projectId],
    variables: { GIT_PAT: { value: FOREIGN, isSecret: true }, ...more },
  });
}

/** Fails unless the step failed before it made a PAT, and the group is as it was. */
async function refusedRotation(
  emulator: Emulator,
  inputs: Record<string, string>,
  reason: RegExp,
  connection: Record<string, string> = {},
): Promise<void> {
  const before = JSON.stringify(emulator.variableGroups.get('deploy').variables);
  const serviceConnections = { [issuerConnectionName]: issuer(emulator, connection) };
  const job = await rotate(emulator, { ...GROUP.inputs, ...inputs }, { serviceConnections });
  assert.equal(job.result, 'Failed', job.log);
  assert.match(issuesOf(mainOf(job, 'rotate')), reason);
  assert.equal(emulator.requestsOf('pats.create').length, 0, 'No PAT may be made.');
  assert.equal(JSON.stringify(emulator.variableGroups.get('deploy').variables), before);
}

describe('What may be stored: whoever may use the PAT issuer', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  for (const ceiling of ['', ' ', '0d', 'P0D', '0h'])
    it(`stores nothing where maxRotatedLifetime is "${ceiling}"`, async () => {
      group(emulator());
      const connection = { maxRotatedLifetime: ceiling };
      await refusedRotation(emulator(), { takeOver: 'true' }, /may not rotate/, connection);
    });

  for (const ceiling of ['29d', '719h', 'P29D', '0d1h'])
    it(`stores no PAT of 30 days beyond a maxRotatedLifetime of ${ceiling}`, async () => {
      group(emulator());
      const connection = { maxRotatedLifetime: ceiling };
      await refusedRotation(emulator(), { takeOver: 'true' }, /longer than maxRotatedLifetime/, connection);
    });

  for (const ceiling of ['0', '90', '-1d', '9999999d', 'P1Y', '1e9d'])
    it(`is not let through by a maxRotatedLifetime that is none: ${ceiling}`, async () => {
      group(emulator());
      const connection = { maxRotatedLifetime: ceiling };
      await refusedRotation(emulator(), { takeOver: 'true' }, /is not a lifetime/, connection);
    });
});

describe('What may be stored: a rotation that writes where others keep something', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  for (const inputs of [{}, { force: 'true' }, { variableName: 'git_pat' }, { whatIf: 'true' }])
    it(`overwrites no secret without takeOver: ${JSON.stringify(inputs)}`, async () => {
      group(emulator());
      await refusedRotation(emulator(), inputs, /holds a value, and no record/);
    });

  for (const [what, record] of [
    ['no authorization id', 'hello'],
    ['a secret', 'secret'],
  ] as const)
    it(`overwrites nothing beside a record that is ${what}`, async () => {
      const value = record === 'secret' ? projectId : record;
      const secret = record === 'secret' ? { isSecret: true as const } : {};
      group(emulator(), { 'GIT_PAT.authorizationId': { value, ...secret } });
      await refusedRotation(emulator(), {}, /holds a value, and no record/);
    });

  for (const displayName of ['my own', nameOf(7), `${NAME} job-pat:rotated/deadbeef/0000aaaa`])
    it(`overwrites nothing beside the record of a PAT that lives and is not of this store: ${displayName}`, async () => {
      const [pat] = emulator().pats.seed([{ displayName }]);
      group(emulator(), { 'GIT_PAT.authorizationId': { value: pat?.authorizationId ?? '' } });
      await refusedRotation(emulator(), {}, /not one of its generations/);
      assert.equal(emulator().pats.active().length, 1);
    });

  for (const type of [
    'jobPatIssuer',
    'JOBPATISSUER',
    'jobPatIssuerDev',
    'jobPatIssuer-dev',
    'devJobPatIssuer',
    ' ',
  ])
    it(`never overwrites what a connection of type "${type}" holds, also with takeOver`, async () => {
      emulator().projects.add('contoso', { id: projectId, name: 'Web' });
      const fields = { name: 'Feed', url: 'https://x.example', scheme: 'Token', projects: [projectId] };
      emulator().connections.add({ ...fields, type, parameters: { apitoken: FOREIGN } });
      const target = { store: 'serviceConnection', serviceConnection: 'Feed', takeOver: 'true' };
      const job = await rotate(emulator(), target);
      assert.equal(job.result, 'Failed', job.log);
      assert.match(issuesOf(mainOf(job, 'rotate')), /PAT issuer/);
      assert.equal(emulator().connections.get('Feed').parameters['apitoken'], FOREIGN);
    });

  it('puts no entry of a plan into the place of another, or of its record, by name and by id', async () => {
    emulator().projects.add('contoso', { id: projectId, name: 'Web' });
    for (const [group, second] of [
      ['shops', 'GIT_PAT'],
      ['deploy', 'git_pat'],
    ] as const) {
      emulator().variableGroups.add({ name: group, projects: [projectId], variables: {} });
      const { id } = emulator().variableGroups.get(group);
      const entry = (name: string, at: string, variable: string) =>
        `{name: ${name}, store: variableGroup, variableGroup: "${at}", variableName: ${variable}}`;
      const plan = `pats: [${entry('a', group, 'GIT_PAT')}, ${entry('b', String(id), second)}]`;
      const job = await rotatePlan(emulator(), plan);
      assert.match(job.log, /is the place of "a", or of its record/);
      const alive = emulator()
        .pats.active()
        .map(({ displayName }) => displayName);
      assert.deepEqual(
        alive.filter(name => name.startsWith('b ')),
        [],
      );
    }
  });

  it('does not let one takeOver of a plan count for the entry beside it', async () => {
    group(emulator(), { OTHER: { value: FOREIGN, isSecret: true } });
    const entry = (name: string, variable: string, more = '') =>
      `{name: ${name}, store: variableGroup, variableGroup: deploy, variableName: ${variable}${more}}`;
    const job = await rotatePlan(
      emulator(),
      `pats: [${entry('a', 'GIT_PAT', ', takeOver: TRUE')}, ${entry('b', 'OTHER')}]`,
    );
    assert.equal(job.result, 'Failed', job.log);
    const { variables } = emulator().variableGroups.get('deploy');
    assert.equal(variables['OTHER']?.value, FOREIGN);
    assert.notEqual(variables['GIT_PAT']?.value, FOREIGN);
  });

  it('revokes nothing of another store under the same name, night after night', async () => {
    group(emulator());
    const night = async (variableName: string) => {
      const inputs = { ...GROUP.inputs, variableName, overlap: '0m', force: 'true', takeOver: 'true' };
      const job = await rotate(emulator(), inputs);
      assert.equal(job.result, 'Succeeded', job.log);
    };
    for (const variableName of ['GIT_PAT', 'OTHER', 'GIT_PAT', 'OTHER']) await night(variableName);
    const { variables } = emulator().variableGroups.get('deploy');
    const alive = emulator()
      .pats.active()
      .map(({ authorizationId }) => authorizationId);
    const recorded = ['GIT_PAT', 'OTHER'].map(name => variables[`${name}.authorizationId`]?.value);
    assert.deepEqual([...alive].sort(), [...recorded].sort());
  });
});

describe('What may be stored: a store, or what is in front of it, that says it is done', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  for (const [what, reply] of [
    ['an empty object', jsonReply(200, {})],
    ['a promise', jsonReply(202, {})],
    ['null', jsonReply(200, null)],
  ] as const)
    it(`keeps the PAT that is in place alive: ${what}`, async () => {
      const old = dueRotation(emulator(), GROUP);
      emulator().faults.add('variablegroups.update', fault.answer(reply), { times: Infinity });
      emulator().on('request', ({ operation }) => {
        if (operation !== 'variablegroups.update') return;
        for (const read of ['variablegroups.get', 'variablegroups.list'] as const)
          emulator().faults.add(read, fault.error(NO_ACCESS), { times: Infinity });
      });
      const job = await rotate(emulator(), { ...inputsOf(GROUP, emulator()), overlap: '0m' });
      assert.equal(job.result, 'Failed', job.log);
      const alive = emulator()
        .pats.active()
        .map(({ authorizationId }) => authorizationId);
      assert.ok(alive.includes(old.authorizationId), 'The store holds it still.');
    });

  const NO_ACCESS = { status: 403, typeKey: 'AccessDeniedException', message: 'No permission to read this.' };
});

describe('What may be stored: the build service, where a pipeline renews the PAT issuer', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  it('needs no role of the connection, and what writes instead is gone afterwards', async () => {
    const serviceConnections = { [issuerConnectionName]: storedIssuer(emulator()) };
    const old = emulator().entra.refreshToken;
    emulator().connections.get(issuerConnectionName).roles = {
      buildService: 'none',
      people: 'administrator',
    };
    const jobToken = emulator().jobs.issueToken({ organization: 'contoso' }).value;
    const steps = [{ task: 'RenewPatIssuer@1', name: 'renew', inputs: { patIssuer: issuerConnectionName } }];
    const job = await runIssuingJob(emulator(), { steps, serviceConnections, jobToken });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.notEqual(emulator().connections.get(issuerConnectionName).parameters['apitoken'], old);
    assert.match(logOf(mainOf(job, 'renew')), /PAT of five minutes.*does not count against allowedScopes/);
    assert.deepEqual(emulator().pats.active(), []);
  });

  it('does not take the stored PAT of a rotation for one of a job', async () => {
    const displayName = `${NAME} job-pat:rotated/${storeMark('variablegroup/contoso/1/git_pat')}/0000aaaa`;
    const validFrom = new Date(Date.now() - 20 * DAY);
    const [pat] = emulator().pats.seed([{ displayName, validFrom }]);
    const revoking = await revoke(emulator(), { what: 'ids', authorizationIds: pat?.authorizationId ?? '' });
    assert.equal(revoking.step.result, 'SucceededWithIssues');
    assert.equal(emulator().pats.active().length, 1);
  });
});

/** Runs a plan that an earlier step writes into the folder of the sources. */
async function rotatePlan(emulator: Emulator, plan: string) {
  const jobToken = emulator.jobs.issueToken({ organization: 'contoso' }).value;
  const steps = [
    { bash: `cat > plan.yml <<'END'\n${plan}\nEND` },
    {
      task: 'RotatePat@1',
      name: 'rotate',
      inputs: { patIssuer: issuerConnectionName, plan: 'plan.yml', scopes: 'vso.code' },
    },
  ];
  return runIssuingJob(emulator, { steps, jobToken });
}
