import nock from 'nock';
import assert from 'node:assert/strict';
import type { Http } from '#http/http';
import { rotatePats as rotate } from '../../../tasks/RotatePat/RotatePatV1/run.js';
import { errorMessage, json, lost, unavailable } from './answers.js';
import { lostAfterwards, PatService } from './pat-service.js';
import { generationOf, GroupService, JOB_TOKEN, rotatePats, rotateStep } from './rotate-pats.js';
import { START, withoutNetwork } from './world.js';

const RECORD = 'GIT_PAT.authorizationId';

/** A generation that is alive, recorded in the group or not; days. */
function generation(service: PatService, { made = 1, nonce = '0000aaaa' } = {}) {
  const validFrom = new Date(START.getTime() - made * 86_400_000).toISOString();
  return service.add(generationOf(nonce), 'contoso', validFrom, '2026-03-20T00:00:00Z');
}

function recorded(
  service: PatService,
  made = 1,
): { group: GroupService; pat: ReturnType<typeof generation> } {
  const pat = generation(service, { made });
  const group = new GroupService({
    URL: { value: 'https://example.com' },
    PASSWORD: { value: 'another secret', isSecret: true },
    GIT_PAT: { value: pat.value, isSecret: true },
    [RECORD]: { value: pat.authorizationId },
  });
  return { group, pat };
}

describe('RotatePat, into a variable group', () => {
  withoutNetwork();

  it('makes the first generation, and leaves the other variables as they are', async () => {
    const service = new PatService();
    const group = new GroupService();
    const world = rotateStep({}, service);
    assert.equal(await rotatePats(world), undefined);

    const [made] = service.made;
    assert.match(made?.displayName ?? '', /^mirror job-pat:rotated\/f986f74d\/[0-9a-f]{8}$/);
    assert.deepEqual(group.variables, {
      URL: { value: 'https://example.com' },
      PASSWORD: { value: 'another secret', isSecret: true },
      GIT_PAT: { value: made?.value, isSecret: true },
      [RECORD]: { value: made?.authorizationId },
    });
    assert.deepEqual(world.agent.outputs, {
      rotated: 'true',
      authorizationId: made?.authorizationId,
      validTo: '2026-03-31T10:00:00.000Z',
    });
    assert.match(world.agent.lines('info').join('\n'), /The next rotation is due 2026-03-24 10:00 UTC/);
  });

  it('that is not due costs one list and one read, changes nothing and says when it will be', async () => {
    const service = new PatService();
    const { group, pat } = recorded(service);
    const world = rotateStep({}, service);
    assert.equal(await rotatePats(world), undefined);
    assert.deepEqual(service.operations, ['redeem', 'list']);
    assert.deepEqual(
      group.requests.map(({ method }) => method),
      ['GET'],
    );
    assert.equal(world.agent.outputs['rotated'], 'false');
    assert.equal(world.agent.outputs['authorizationId'], pat.authorizationId);
    assert.match(world.agent.lines('info').join('\n'), /kept .*mirror .*2026-03-13 00:00 UTC/);
  });

  it('reads and writes with the token of the job, the group by name in its project', async () => {
    const group = new GroupService();
    await rotatePats(rotateStep({ inputs: { project: 'Web & more' } }));
    assert.ok(group.requests.every(({ authorization }) => authorization === `Bearer ${JOB_TOKEN}`));
    assert.match(
      group.requests[0]?.url ?? '',
      /^\/contoso\/Web%20%26%20more\/_apis\/distributedtask\/variablegroups\?groupName=deploy&api-version=7\.1$/,
    );
    const put = group.requests.find(({ method }) => method === 'PUT');
    assert.equal(put?.url, '/contoso/_apis/distributedtask/variablegroups/7?api-version=7.1');
  });

  it('takes digits for the id of the group', async () => {
    const group = new GroupService();
    await rotatePats(rotateStep({ inputs: { variableGroup: '7' } }));
    assert.match(String(group.value('GIT_PAT')), /AZDO/);
  });

  it('keeps the one before it alive for the overlap, and revokes what is older', async () => {
    const service = new PatService();
    const older = generation(service, { made: 60, nonce: '0000bbbb' });
    const { pat } = recorded(service, 27);
    const world = rotateStep({ inputs: { force: 'true' } }, service);
    assert.equal(await rotatePats(world), undefined);
    assert.ok(service.alive.has(pat.authorizationId));
    assert.ok(!service.alive.has(older.authorizationId));
    assert.equal(service.alive.size, 2);
  });

  it('leaves PATs of other names, of people and of jobs alone', async () => {
    const service = new PatService();
    recorded(service);
    const others = [
      'mirror',
      'mirror job-pat:rotated/0123abcd',
      generationOf('0123abcd', 'variablegroup/contoso/8/git_pat'),
      generationOf('0123abcd', undefined, 'mirror2'),
      generationOf('0123abcd', undefined, 'x mirror'),
      generationOf('0123abcd x'),
      generationOf('0123abcd', undefined, 'MIRROR'),
    ].map(name => service.add(name, 'contoso', '2025-12-01T00:00:00Z'));
    await rotatePats(rotateStep({ inputs: { force: 'true', overlap: '0m' } }, service));
    for (const { authorizationId, displayName } of others)
      assert.ok(service.alive.has(authorizationId), displayName);
  });

  it('with whatIf sends reads only, and tells the plan with its reason', async () => {
    const service = new PatService();
    generation(service, { made: 60, nonce: '0000bbbb' });
    const { group } = recorded(service, 2);
    const world = rotateStep({ inputs: { whatIf: 'true' } }, service);
    assert.equal((await rotatePats(world))?.result, 'Succeeded');
    assert.deepEqual(service.operations, ['redeem', 'list']);
    assert.equal(group.count('PUT'), 0);
    assert.match(world.agent.lines('info').join('\n'), /0000bbbb" would be revoked/);
  });

  it('that the store refuses revokes the new PAT, names the missing role and changes nothing', async () => {
    const service = new PatService();
    const { group, pat } = recorded(service);
    const before = structuredClone(group.variables);
    group.next(
      'write',
      errorMessage(403, 'You do not have permissions to perform this operation on the variable group.'),
    );
    const world = rotateStep({ inputs: { force: 'true' } }, service);
    assert.equal((await rotatePats(world))?.result, 'Failed');
    assert.deepEqual(group.variables, before);
    assert.deepEqual([...service.alive.keys()], [pat.authorizationId]);
    assert.match(
      world.agent.lines('error').join(),
      /Administrator of this variable group .*\[store-refused\]/,
    );
    assert.equal(world.agent.outputs['rotated'], 'false');
  });

  for (const [what, answer] of [
    ['whose answer is 500', () => (usual: () => unknown) => (usual(), unavailable(500)(() => json(500, {})))],
    ['whose answer is lost', () => lostAfterwards],
  ] as const) {
    it(`a write that was carried out, but ${what}, counts`, async () => {
      const service = new PatService();
      const { group, pat } = recorded(service);
      group.next('write', answer());
      assert.equal(await rotatePats(rotateStep({ inputs: { force: 'true' } }, service)), undefined);
      assert.equal(group.count('PUT'), 1);
      assert.equal(service.alive.size, 2);
      assert.ok(service.alive.has(pat.authorizationId));
      assert.ok(service.alive.has(String(group.value(RECORD))));
    });
  }

  it('whose requests are lost on the way every time leaves the new PAT alive and says so', async () => {
    const service = new PatService();
    const { group } = recorded(service);
    group.next('write', lost, lost, lost);
    const world = rotateStep({ inputs: { force: 'true' } }, service);
    assert.equal((await rotatePats(world))?.result, 'Failed');
    assert.equal(service.alive.size, 2);
    assert.match(
      world.agent.lines('error').join(),
      /not known whether .* stays alive, until .* the next run finds it recorded/s,
    );
  });

  it('when another rotation recorded its own, revokes the new PAT and succeeds', async () => {
    const service = new PatService();
    const { group, pat } = recorded(service);
    group.next('write', usual => {
      const reply = usual();
      group.variables[RECORD] = { value: '99999999-0000-4000-8000-000000000000' };
      return reply;
    });
    const world = rotateStep({ inputs: { force: 'true' } }, service);
    assert.equal(await rotatePats(world), undefined);
    assert.deepEqual([...service.alive.keys()], [pat.authorizationId]);
    assert.match(world.agent.lines('info').join('\n'), /overtaken/);
  });

  it('that lost to another one, while its own write may still arrive, leaves the new PAT alive and says so', async () => {
    const service = new PatService();
    const { group } = recorded(service);
    group.next('write', () => {
      group.variables[RECORD] = { value: '99999999-0000-4000-8000-000000000000' };
      return lost();
    });
    const world = rotateStep({ inputs: { force: 'true' } }, service);
    assert.equal(await rotatePats(world), undefined);
    const [made] = service.made;
    assert.ok(service.alive.has(made?.authorizationId ?? ''));
    assert.match(world.agent.lines('warning').join(), /may still arrive.*stays alive, until/);
  });

  it('into a store that named none ends what a cut first rotation left, inside the overlap too', async () => {
    const service = new PatService();
    const left = generation(service, { made: 1, nonce: '0000bbbb' });
    new GroupService();
    assert.equal(await rotatePats(rotateStep({}, service)), undefined);
    assert.ok(!service.alive.has(left.authorizationId));
    assert.equal(service.alive.size, 1);
  });

  it('rotates at once when the recorded PAT is dead', async () => {
    const service = new PatService();
    const { group, pat } = recorded(service);
    service.alive.delete(pat.authorizationId);
    assert.equal(await rotatePats(rotateStep({}, service)), undefined);
    assert.ok(service.alive.has(String(group.value(RECORD))));
  });

  it('a new PAT that does not work is revoked, and the store keeps the old one', async () => {
    const service = new PatService();
    const { group, pat } = recorded(service);
    service.always('verify', () =>
      json(200, { authenticatedUser: { id: 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa' } }),
    );
    assert.equal((await rotatePats(rotateStep({ inputs: { force: 'true' } }, service)))?.result, 'Failed');
    assert.equal(group.count('PUT'), 0);
    assert.deepEqual([...service.alive.keys()], [pat.authorizationId]);
  });

  it('a new PAT that was granted with fewer scopes is revoked, and the store keeps the old one', async () => {
    const service = new PatService();
    const { group, pat } = recorded(service);
    service.next('create', usual => {
      const reply = usual();
      return { ...reply, body: reply.body.replace('vso.code vso.work', 'vso.work') };
    });
    const inputs = { force: 'true', scopes: 'vso.code vso.work' };
    assert.equal((await rotatePats(rotateStep({ inputs }, service)))?.result, 'Failed');
    assert.equal(group.count('PUT'), 0);
    assert.deepEqual([...service.alive.keys()], [pat.authorizationId]);
  });

  it('an old generation that cannot be revoked makes the step succeed with issues', async () => {
    const service = new PatService();
    const old = generation(service, { made: 60, nonce: '0000bbbb' });
    recorded(service);
    service.always('revoke', errorMessage(400, 'No.'));
    const world = rotateStep({}, service);
    assert.equal((await rotatePats(world))?.result, 'SucceededWithIssues');
    assert.match(world.agent.lines('warning').join(), new RegExp(old.authorizationId));
  });

  for (const [what, fields, message] of [
    ['linked to a key vault', { type: 'AzureKeyVault' }, /linked to an Azure Key Vault.*keyVault/s],
    ['that does not exist', { name: 'other' }, /no variable group "deploy"/],
  ] as const) {
    it(`a group ${what} fails before anything is created`, async () => {
      const service = new PatService();
      new GroupService({}, fields);
      const world = rotateStep({}, service);
      assert.equal((await rotatePats(world))?.result, 'Failed');
      assert.equal(service.count('create'), 0);
      assert.match(world.agent.lines('error').join(), message);
    });
  }

  it('leaves the group to every project that shares it, with the name and description that each has for it', async () => {
    const group = new GroupService();
    assert.equal(await rotatePats(rotateStep()), undefined);
    assert.deepEqual(group.references, [
      { name: 'deploy', description: 'For deployments', projectReference: { id: 'p1', name: 'Web' } },
      { name: 'deploy elsewhere', description: '', projectReference: { id: 'p2', name: 'Mobile' } },
    ]);
  });

  it('looks for the name of a project that shares the group, which a write has to tell', async () => {
    const nameless = { name: 'deploy', description: 'Ours', projectReference: { id: 'p1' } };
    const group = new GroupService(undefined, { variableGroupProjectReferences: [nameless] });
    nock('https://dev.azure.com')
      .get(/contoso\/_apis\/projects\/p1\?/)
      .reply(200, { id: 'p1', name: 'Web' });
    assert.equal(await rotatePats(rotateStep()), undefined);
    assert.deepEqual(group.references, [{ ...nameless, projectReference: { id: 'p1', name: 'Web' } }]);
  });

  it('does not write a shared group that tells no project', async () => {
    const group = new GroupService(undefined, { variableGroupProjectReferences: null, isShared: true });
    const world = rotateStep();
    assert.equal((await rotatePats(world))?.result, 'Failed');
    assert.equal(group.count('PUT'), 0);
    assert.match(world.agent.lines('error').join(), /does not tell which projects share/);
    assert.equal(world.service.alive.size, 0);
  });

  for (const [status, said, told] of [
    [
      400,
      'Variable group description exceeds the maximum length.',
      /HTTP 400, .*maximum length.*as the service says/,
    ],
    [409, 'A newer version exists.', /HTTP 409, .*newer version.*Run again/],
  ] as const) {
    it(`that the service does not take (${status}) says why, and nothing of a role`, async () => {
      const group = new GroupService();
      group.next('write', errorMessage(status, said));
      const world = rotateStep();
      assert.equal((await rotatePats(world))?.result, 'Failed');
      const error = world.agent.lines('error').join();
      assert.match(error, told);
      assert.doesNotMatch(error, /role/);
      assert.equal(world.service.alive.size, 0);
    });
  }

  it('has the ways to its store and to the list of PATs opened while it signs in', async () => {
    new GroupService();
    const world = rotateStep();
    const dialled: unknown[] = [];
    const send: Http = request => world.effects.http(request);
    const dial: Http['dial'] = ({ url }, count) => {
      dialled.push([url, count]);
    };
    await rotate({ ...world.effects, http: Object.assign(send, { dial }) });
    assert.deepEqual(dialled, [
      ['https://dev.azure.com/contoso', 1],
      ['https://vssps.dev.azure.com/contoso', undefined],
    ]);
  });

  it('shows the value nowhere', async () => {
    const service = new PatService();
    new GroupService();
    const world = rotateStep({}, service);
    await rotatePats(world);
    const [made] = service.made;
    for (const event of world.agent.events) {
      if (event.kind !== 'mask') assert.ok(!JSON.stringify(event).includes(made?.value ?? 'none'));
    }
    assert.ok(world.agent.masks.includes(made?.value ?? 'none'));
  });
});
