import assert from 'node:assert/strict';
import { PatService } from './pat-service.js';
import { GroupService, rotatePats, rotateStep } from './rotate-pats.js';
import { failureOf, withoutNetwork } from './world.js';

describe('A rotation', () => {
  withoutNetwork();

  it('checks every input before the first request, and names all faults at once', async () => {
    const service = new PatService();
    const inputs = {
      name: '',
      scopes: 'vso.cod',
      validFor: 'long',
      variableName: '1',
      writeAs: 'me',
      overlap: 'x',
    };
    const { message } = await failureOf(() => rotatePats(rotateStep({ inputs }, service)), 'input-not-valid');
    for (const name of Object.keys(inputs))
      assert.match(message, new RegExp(`Input ${name}: .*(Example|Nearest): `));
    assert.deepEqual(service.operations, []);
  });

  for (const project of ['..', '.', 'a/b', '%2e%2e', 'a\\b'])
    it(`takes no project called ${project}`, async () => {
      const world = rotateStep({ inputs: { project } });
      const { message } = await failureOf(() => rotatePats(world), 'input-not-valid');
      assert.match(message, /Input project: ".*" is not the name of a project\. Example/);
      assert.deepEqual(world.service.operations, []);
    });

  it('takes the project of the run only where the agent tells its id', async () => {
    const world = rotateStep({ variables: { 'System.TeamProjectId': '../_apis/x' } });
    await failureOf(() => rotatePats(world), 'input-not-valid');
    assert.deepEqual(world.service.operations, []);
  });

  it('asks for no scope beyond the ceiling; the PAT for its own write does not count', async () => {
    const step = { fields: { allowedScopes: 'vso.work' }, inputs: { writeAs: 'issuer' } };
    const { message } = await failureOf(() => rotatePats(rotateStep(step)), 'ceiling-exceeded');
    assert.match(message, /vso\.code is beyond allowedScopes/);
    assert.doesNotMatch(message, /vso\.variablegroups_manage/);
  });

  it('may live longer than maxLifetime, which is for jobs', async () => {
    new GroupService();
    assert.equal(await rotatePats(rotateStep({ fields: { maxLifetime: '1h' } })), undefined);
  });

  it('lives as long as maxRotatedLifetime, and no longer', async () => {
    new GroupService();
    const fields = { maxRotatedLifetime: '30d' };
    assert.equal(await rotatePats(rotateStep({ fields })), undefined);
    const world = rotateStep({ fields, inputs: { validFor: '30d1m' } });
    const { message } = await failureOf(() => rotatePats(world), 'ceiling-exceeded');
    assert.match(message, /Input validFor: 30d 1m \(of "mirror"\) is longer than maxRotatedLifetime.* 30d/);
    assert.deepEqual(world.service.operations, []);
  });

  for (const maxRotatedLifetime of ['', ' ', '0d'])
    it(`may not be made with a connection whose maxRotatedLifetime is "${maxRotatedLifetime}"`, async () => {
      const world = rotateStep({ fields: { maxRotatedLifetime } });
      const { message } = await failureOf(() => rotatePats(world), 'ceiling-exceeded');
      assert.match(message, /maxRotatedLifetime of the service connection is empty or 0d/);
      assert.deepEqual(world.service.operations, []);
    });

  for (const maxRotatedLifetime of ['forever', '90', '-1d'])
    it(`takes a maxRotatedLifetime of "${maxRotatedLifetime}" for a fault, and never for none`, async () => {
      const world = rotateStep({ fields: { maxRotatedLifetime } });
      const { message } = await failureOf(() => rotatePats(world), 'connection-not-usable');
      assert.match(message, /maxRotatedLifetime: ".*" is not a lifetime\. Example: 90d/);
    });

  it('has no such ceiling with an Entra token', async () => {
    new GroupService();
    const inputs = { patIssuer: '', entraToken: 'a.user.token', validFor: '365d' };
    assert.equal(await rotatePats(rotateStep({ inputs })), undefined);
  });
});
