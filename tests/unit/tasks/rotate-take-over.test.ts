import assert from 'node:assert/strict';
import { PatService } from './pat-service.js';
import { generationOf, GroupService, rotatePats, rotateStep } from './rotate-pats.js';
import { withoutNetwork } from './world.js';

const RECORD = 'GIT_PAT.authorizationId';

describe('RotatePat, into a variable group that another one may use', () => {
  withoutNetwork();

  for (const [what, variables] of [
    ['a secret of its name', { GIT_PAT: { value: 'not ours', isSecret: true } }],
    ['a text of its name, spelt otherwise', { git_pat: { value: 'not ours' } }],
    ['a secret in the place of the record', { [RECORD]: { value: 'not ours', isSecret: true } }],
    ['a text in the place of the record', { [RECORD]: { value: 'not ours' } }],
    [
      'a secret that looks like a record, beside its name',
      {
        GIT_PAT: { value: 'not ours', isSecret: true },
        [RECORD]: { value: '99999999-0000-4000-8000-000000000000', isSecret: true },
      },
    ],
  ] as const) {
    it(`leaves alone a group with ${what}, and makes nothing`, async () => {
      const service = new PatService();
      const group = new GroupService({ ...variables });
      const world = rotateStep({}, service);
      assert.equal((await rotatePats(world))?.result, 'Failed');
      assert.match(world.agent.lines('error').join(), /holds a value, and no record .*takeOver: true/);
      assert.deepEqual([service.count('create'), group.count('PUT')], [0, 0]);
    });

    it(`overwrites a group with ${what} when it is to take over`, async () => {
      const group = new GroupService({ ...variables });
      assert.equal(await rotatePats(rotateStep({ inputs: { takeOver: 'true' } })), undefined);
      assert.match(JSON.stringify(group.variables), /AZDO/);
    });
  }

  it('makes the first generation where the variable is there, and empty', async () => {
    const group = new GroupService({ GIT_PAT: { value: '' } });
    assert.equal(await rotatePats(rotateStep()), undefined);
    assert.match(String(group.value('GIT_PAT')), /AZDO/);
  });

  for (const [what, displayName, isOurs] of [
    ['of a person', 'mirror', false],
    ['of another store', generationOf('0000aaaa', 'variablegroup/contoso/8/git_pat'), false],
    ['of this store under another name', generationOf('0000aaaa', undefined, 'Before'), true],
  ] as const) {
    it(`${isOurs ? 'replaces' : 'leaves alone'} a record of a PAT ${what}`, async () => {
      const service = new PatService();
      const pat = service.add(displayName, 'contoso', '2026-02-28T10:00:00Z', '2026-03-20T00:00:00Z');
      new GroupService({
        GIT_PAT: { value: pat.value, isSecret: true },
        [RECORD]: { value: pat.authorizationId },
      });
      const world = rotateStep({}, service);
      assert.equal((await rotatePats(world))?.result, isOurs ? undefined : 'Failed');
      assert.equal(service.count('create'), isOurs ? 1 : 0);
    });
  }

  it('with whatIf tells also that the store holds what is not its own', async () => {
    new GroupService({ GIT_PAT: { value: 'x', isSecret: true } });
    const world = rotateStep({ inputs: { whatIf: 'true' } });
    assert.equal((await rotatePats(world))?.result, 'Failed');
  });
});
