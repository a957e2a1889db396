import assert from 'node:assert/strict';
import { json } from './answers.js';
import { PatService } from './pat-service.js';
import { GroupService, rotatePats, rotateStep } from './rotate-pats.js';
import { withoutNetwork } from './world.js';

describe('RotatePat, writing as the issuer', () => {
  withoutNetwork();

  it('as the issuer writes with a PAT of five minutes for just that, and revokes it', async () => {
    const service = new PatService();
    const group = new GroupService();
    const world = rotateStep({ inputs: { writeAs: 'issuer' } }, service);
    assert.equal(await rotatePats(world), undefined);
    const brief = service.made.find(({ displayName }) => displayName.includes('job-pat:build/'));
    assert.equal(brief?.scope, 'vso.variablegroups_manage');
    assert.ok(!service.alive.has(brief.authorizationId));
    const put = group.requests.find(({ method }) => method === 'PUT');
    assert.equal(put?.authorization, `Basic ${Buffer.from(`:${brief.value}`).toString('base64')}`);
  });

  it('tells of the PAT for its own write, which the ceilings do not mind', async () => {
    new GroupService();
    const world = rotateStep({ fields: { allowedScopes: 'vso.code' }, inputs: { writeAs: 'issuer' } });
    assert.equal(await rotatePats(world), undefined);
    assert.match(
      world.agent.lines('info').join('\n'),
      /PAT of five minutes \(vso\.variablegroups_manage\).*does not count/,
    );
  });

  it('as the issuer also reads with that PAT where the job may not', async () => {
    const service = new PatService();
    const group = new GroupService();
    group.next('read', () => json(200, { count: 0, value: [] }));
    assert.equal(await rotatePats(rotateStep({ inputs: { writeAs: 'issuer' } }, service)), undefined);
    assert.match(String(group.value('GIT_PAT')), /AZDO/);
  });

  for (const [what, answer, variables] of [
    ['that shows the job no group', json(200, { count: 0, value: [] }), {}],
    ['that refuses the job', json(403, { message: 'TF400813: no.', typeKey: 'AccessCheckException' }), {}],
    ['that needs a token, and the job has none', undefined, { 'System.AccessToken': '' }],
  ] as const) {
    it(`as the issuer, what if, issues no PAT for a read ${what}, and says that it is not known`, async () => {
      const service = new PatService();
      const group = new GroupService();
      if (answer !== undefined) group.next('read', () => answer);
      const world = rotateStep({ inputs: { writeAs: 'issuer', whatIf: 'true' }, variables }, service);
      const outcome = await rotatePats(world);
      assert.equal(service.count('create'), 0);
      assert.equal(outcome?.result, 'SucceededWithIssues');
      assert.match(
        world.agent.lines('warning').join(),
        /"mirror" in the variable group "deploy".* not known: the job cannot read it.*\[store-not-known\]/,
      );
    });
  }

  it('as the issuer, what if, shows the plan where the job may read, and issues nothing', async () => {
    const service = new PatService();
    new GroupService();
    const world = rotateStep({ inputs: { writeAs: 'issuer', whatIf: 'true' } }, service);
    assert.equal((await rotatePats(world))?.result, 'Succeeded');
    assert.equal(service.count('create'), 0);
    assert.match(world.agent.lines('info').join('\n'), /would rotate/);
  });
});
