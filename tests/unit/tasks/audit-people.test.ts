import assert from 'node:assert/strict';
import nock from 'nock';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { auditPats } from '../../../tasks/AuditPats/AuditPatsV1/run.js';
import { asObject, objectsOf } from '#text/json';
import { AdministrationService } from './administration-service.js';
import { errorMessage, json, type Answer } from './answers.js';
import { PatService } from './pat-service.js';
import { nameOf } from './revoke-pats.js';
import { RunService } from './run-service.js';
import { failureOf, withoutNetwork } from './world.js';
import { ADMIN, audits, inventoryOf } from './audit-step.js';

describe('An audit of people', () => {
  withoutNetwork();
  const { step, inTemp } = audits();

  it('names nobody with people: pseudonyms, and the same user and name alike everywhere', async () => {
    const service = new AdministrationService();
    const users = ['ada', 'bob'].map(name => service.addUser(`${name}@contoso.com`));
    for (const user of users)
      for (const label of ["Erika's laptop", "Erika's laptop", nameOf(4711, { label: 'Erika' })])
        service.addToken(user, label, { scope: 'app_token' });
    const [ada] = users;
    assert.ok(ada);
    service.alwaysAbout(ada, 'graph', errorMessage(403, 'ada@contoso.com may not.'));
    const rulesFile = inTemp('rules.yml');
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
      assert.deepEqual(readdirSync(inTemp()), []);
    });
});
