import assert from 'node:assert/strict';
import { emptyUnauthorized, errorMessage, lost, patTokenError, unavailable, type Answer } from './answers.js';
import { PatService } from './pat-service.js';
import { ago, assertAlive, assertDead, nameOf, revokePats, revokeStep, rowsOf } from './revoke-pats.js';
import { RunService } from './run-service.js';
import { withoutNetwork } from './world.js';

const UNKNOWN = '99999999-0000-4000-8000-000000000001';

describe('Revoking', () => {
  withoutNetwork();

  it('ends each PAT with one DELETE by its authorization id', async () => {
    const service = new PatService();
    const pats = [service.add(nameOf(2)), service.add(nameOf(1))];
    const ids = pats.map(({ authorizationId }) => authorizationId).join(',');
    const world = revokeStep({ what: 'ids', authorizationIds: ids }, service);
    assert.equal(await revokePats(world), undefined);
    assertDead(world, ...pats);
    assert.equal(service.count('revoke'), 2);
    const { url, method, headers } = service.request('revoke');
    assert.equal(method, 'DELETE');
    assert.equal(url.origin + url.pathname, 'https://vssps.dev.azure.com/contoso/_apis/tokens/pats');
    assert.equal(headers['authorization'], 'Bearer entra-access-token-1');
    assert.deepEqual(world.agent.outputs, { revokedCount: '2', keptCount: '0', failedCount: '0' });
    assert.deepEqual(
      rowsOf(world).map(({ name }) => name),
      [nameOf(2), nameOf(1)],
    );
    for (const { displayName, authorizationId } of pats) {
      const line = `Revoked PAT "${displayName}" (${authorizationId}) in contoso.`;
      assert.ok(world.agent.lines('info').includes(line), line);
    }
  });

  for (const [what, answer] of [
    ['unknown to the service', (usual => usual()) as Answer],
    ['unknown by another name', patTokenError('TokenNotFound', 200)],
    ['unknown with 400', patTokenError('invalidAuthorizationId', 400)],
    ['gone with 410', (() => ({ status: 410, body: '' })) as Answer],
  ] as const) {
    it(`an id that is ${what} is success`, async () => {
      const service = new PatService().next('revoke', answer);
      const world = revokeStep({ what: 'ids', authorizationIds: UNKNOWN }, service);
      assert.equal(await revokePats(world), undefined);
      assert.deepEqual(world.agent.outputs, { revokedCount: '1', keptCount: '0', failedCount: '0' });
      assert.deepEqual(
        rowsOf(world).map(({ done, name }) => [done, name]),
        [['gone already', UNKNOWN]],
      );
    });
  }

  it('reads the list once for all that an answer leaves in doubt', async () => {
    const service = new PatService().always('revoke', () => ({ status: 404, body: '' }));
    const ids = Array.from({ length: 30 }, (_, index) =>
      UNKNOWN.replace(/0001$/, String(index).padStart(4, '0')),
    );
    const world = revokeStep({ what: 'ids', authorizationIds: ids.join(',') }, service);
    const before = () => service.requests.findIndex(({ operation }) => operation === 'revoke');
    assert.equal(await revokePats(world), undefined);
    assert.equal(world.agent.outputs['revokedCount'], '30');
    const looks = service.operations.slice(before()).filter(operation => operation === 'list').length;
    assert.ok(looks <= 10, `${looks} lists were read`);
  });

  for (const [what, name] of [
    ['a PAT that Job PAT did not make', 'my own'],
    ['one that merely looks like ours', `${nameOf(1)} copy`],
    ['a rotated PAT', 'Deploy key job-pat:rotated/0123abcd/89abcdef'],
  ] as const) {
    const step = async (inputs: Record<string, string>, service = new PatService()) => {
      const pat = service.add(name);
      const world = revokeStep(
        { what: 'ids', authorizationIds: pat.authorizationId, organization: 'contoso, fabrikam', ...inputs },
        service,
      );
      return { pat, world, outcome: await revokePats(world) };
    };

    it(`leaves ${what}, whose id some step of the job may have put there, and names it`, async () => {
      const { pat, world, outcome } = await step({});
      assertAlive(world, pat);
      assert.equal(world.service.count('revoke'), 0);
      assert.equal(outcome?.result, 'SucceededWithIssues');
      assert.ok(outcome.message.includes(`PAT "${name}" (${pat.authorizationId}) stays alive in contoso`));
      assert.match(outcome.message, /not made by Job PAT|a rotated PAT/);
      assert.match(outcome.message, /includeForeign: true\. \[revoke-failed\] https:\S+#revoke-failed$/);
      assert.deepEqual(world.agent.outputs, { revokedCount: '0', keptCount: '1', failedCount: '0' });
    });

    it(`leaves ${what} with a step that fails where onRevokeFailure says so`, async () => {
      const { world, pat, outcome } = await step({ onRevokeFailure: 'fail' });
      assertAlive(world, pat);
      assert.equal(outcome?.result, 'Failed');
    });

    it(`ends ${what} where includeForeign says so`, async () => {
      const { world, pat, outcome } = await step({ includeForeign: 'true' });
      assertDead(world, pat);
      assert.equal(outcome, undefined);
    });
  }

  it('leaves a PAT whose name nobody can read, and says why', async () => {
    const service = new PatService();
    const pat = service.add('my own');
    service.always('list', emptyUnauthorized);
    const ids = { what: 'ids', authorizationIds: pat.authorizationId };
    const world = revokeStep({ ...ids, organization: 'contoso, fabrikam' }, service);
    const outcome = await revokePats(world);
    assertAlive(world, pat);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.match(outcome.message, /HTTP 401/);
    assert.deepEqual(world.agent.outputs, { revokedCount: '0', keptCount: '0', failedCount: '1' });
    const told = revokeStep({ ...ids, includeForeign: 'true' }, service);
    assert.equal(await revokePats(told), undefined);
    assertDead(told, pat);
  });

  it('goes on when a PAT cannot be shown first', async () => {
    const service = new PatService();
    const pat = service.add(nameOf(1));
    service.next('list', emptyUnauthorized);
    const world = revokeStep({ what: 'ids', authorizationIds: pat.authorizationId }, service);
    assert.equal(await revokePats(world), undefined);
    assertDead(world, pat);
  });

  it('counts an id once, which two organizations are asked about', async () => {
    const service = new PatService();
    const [here, there] = [service.add(nameOf(1)), service.add(nameOf(2), 'fabrikam')];
    const authorizationIds = `${here.authorizationId} ${there.authorizationId} ${UNKNOWN}`;
    const organization = 'contoso, fabrikam';
    const world = revokeStep({ what: 'ids', authorizationIds, organization }, service);
    // The service here revokes by id alone, whichever organization is asked.
    await revokePats(world);
    assertDead(world, here, there);
    assert.deepEqual(world.agent.outputs, { revokedCount: '3', keptCount: '0', failedCount: '0' });
  });

  for (const [what, answer, reason] of [
    ['an empty 401', emptyUnauthorized, /HTTP 401/],
    ['a 403', errorMessage(403, 'TF401019: not yours', 'X'), /TF401019: not yours/],
    ['503 for ever', unavailable(), /HTTP 503/],
    ['lost connections', () => lost(), /could not be reached/],
    ['200 with an error', patTokenError('failedToUpdateAccessToken'), /failedToUpdateAccessToken/],
  ] as const satisfies readonly (readonly [string, Answer, RegExp])[]) {
    it(`that fails with ${what} does not stop the others, and the step has issues`, async () => {
      const service = new PatService();
      const pats = ['00000001', '00000002', '00000003'].map(nonce => service.add(nameOf(4711, { nonce })));
      const [first, second, third] = pats;
      assert.ok(first && second && third);
      const usual: Answer = request => request();
      service.next('revoke', usual, answer, usual, ...Array.from({ length: 20 }, () => answer));
      const world = revokeStep({ what: 'run' }, service);
      const outcome = await revokePats(world);
      assertDead(world, first, third);
      assertAlive(world, second);
      assert.equal(outcome?.result, 'SucceededWithIssues');
      assert.ok(
        outcome.message.includes(
          `PAT "${second.displayName}" (${second.authorizationId}) stays alive in contoso until 2026-03-02 00:00 UTC: `,
        ),
        outcome.message,
      );
      assert.match(outcome.message, reason);
      assert.match(outcome.message, /\[revoke-failed\] https:\S+#revoke-failed$/);
      assert.deepEqual(world.agent.outputs, { revokedCount: '2', keptCount: '0', failedCount: '1' });
      assert.deepEqual(
        rowsOf(world).map(({ done }) => done),
        ['failed', 'revoked', 'revoked'],
      );
    });
  }

  it('that fails makes the step fail where onRevokeFailure says so, and names each PAT that stays', async () => {
    const service = new PatService().always('revoke', emptyUnauthorized);
    const pats = Array.from({ length: 30 }, (_, index) =>
      service.add(nameOf(4711, { nonce: index.toString(16).padStart(8, '0') })),
    );
    const world = revokeStep({ what: 'run', onRevokeFailure: 'Fail' }, service);
    const outcome = await revokePats(world);
    assert.equal(outcome?.result, 'Failed');
    const said = [outcome.message, ...world.agent.lines('info').filter(line => line.startsWith('PAT '))].join(
      '\n',
    );
    for (const { authorizationId } of pats)
      assert.ok(said.includes(`(${authorizationId}) stays alive in contoso until 2026-03-02 00:00 UTC: `));
    assert.match(outcome.message, /and 10 more/);
  });

  it('with whatIf sends nothing but reads, and shows the same rows', async () => {
    const service = new PatService();
    new RunService().build(1, 'completed', { finishTime: ago(600) }).build(2, 'inProgress');
    for (const run of [1, 2]) service.add(nameOf(run), 'contoso', ago(900));
    const before = revokeStep({ what: 'orphans', whatIf: 'true' }, service);
    assert.equal(await revokePats(before), undefined);
    assert.equal(service.alive.size, 2);
    assert.ok(service.requests.every(({ method, operation }) => method === 'GET' || operation === 'redeem'));
    assert.deepEqual(before.agent.outputs, { revokedCount: '0', keptCount: '2', failedCount: '0' });
    const after = revokeStep({ what: 'orphans' }, service);
    await revokePats(after);
    assert.deepEqual(
      rowsOf(before).map(row => ({
        ...row,
        done: row['done'] === 'would be revoked' ? 'revoked' : row['done'],
      })),
      rowsOf(after),
    );
  });

  it('cut in the middle and run again ends the rest', async () => {
    const service = new PatService();
    const pats = Array.from({ length: 40 }, (_, index) =>
      service.add(nameOf(4711, { nonce: index.toString(16).padStart(8, '0') })),
    );
    const cut = revokeStep({ what: 'run' }, service);
    service.next('revoke', ...Array.from({ length: 12 }, (): Answer => usual => usual()), usual => {
      cut.cancel();
      return usual();
    });
    const outcome = await revokePats(cut);
    assert.equal(outcome?.result, 'SucceededWithIssues', 'it does not look like success');
    assert.match(outcome.message, /may be alive in contoso until .*: The step was cancelled\./);
    assert.ok(service.alive.size > 0 && service.alive.size < 40);
    const again = revokeStep({ what: 'run' }, service);
    assert.equal(await revokePats(again), undefined);
    assertDead(again, ...pats);
  });
});

describe('The table of RevokePat', () => {
  withoutNetwork();

  it('tells name, scopes, age, end, run, reason and what was done, what went wrong first', async () => {
    const service = new PatService().next('revoke', emptyUnauthorized);
    new RunService()
      .build(1, 'completed', { finishTime: ago(600) })
      .build(2, 'completed', { finishTime: ago(600) })
      .build(3, 'inProgress');
    for (const run of [3, 2, 1]) service.add(nameOf(run), 'contoso', ago(26 * 60));
    const world = revokeStep({ what: 'orphans' }, service);
    await revokePats(world);
    const row = { scopes: 'vso.code', age: '1d 2h', until: '2026-03-02 00:00 UTC' };
    const [failed, revoked, kept, ...none] = rowsOf(world);
    assert.match(failed?.['why'] ?? '', /HTTP 401/);
    assert.deepEqual(failed, { ...failed, ...row, done: 'failed', name: nameOf(2), run: 'build 2' });
    assert.deepEqual(revoked, { ...row, done: 'revoked', name: nameOf(1), run: 'build 1', why: 'run ended' });
    assert.deepEqual(kept, { ...row, done: 'kept', name: nameOf(3), run: 'build 3', why: 'run in progress' });
    assert.deepEqual(none, []);
  });

  it('tells the organization where there are several', async () => {
    const service = new PatService();
    for (const organization of ['contoso', 'fabrikam']) service.add(nameOf(4711), organization);
    const world = revokeStep({ what: 'run', organization: 'contoso, fabrikam' }, service);
    await revokePats(world);
    assert.deepEqual(
      rowsOf(world).map(({ organization }) => organization),
      ['contoso', 'fabrikam'],
    );
  });

  it('shows names from outside on one line each, and none as a logging command', async () => {
    const service = new PatService();
    service.add('x ##vso[task.setvariable variable=PATH]y\n##[error]z\u202e\u001b[31m');
    service.add(`x ${'long '.repeat(200)}`);
    const world = revokeStep({ what: 'name', namePattern: 'x*', includeForeign: 'true' }, service);
    await revokePats(world);
    const rows = rowsOf(world);
    assert.equal(rows.length, 2);
    assert.equal(rows[0]?.['name'], 'x **vso[task.setvariable variable=PATH]y **[error]z [31m');
    assert.ok((rows[1]?.['name'] ?? '').length <= 129);
    for (const line of world.agent.lines().flatMap(text => text.split('\n')))
      assert.doesNotMatch(line, /##vso|##\[|\u202e|\p{Cc}/u);
  });

  it('ends after 500 rows', async () => {
    const service = new PatService();
    for (let index = 0; index < 520; index++)
      service.add(nameOf(4711, { nonce: index.toString(16).padStart(8, '0') }));
    const world = revokeStep({ what: 'run', whatIf: 'true' }, service);
    await revokePats(world);
    assert.equal(rowsOf(world).length, 500);
    assert.ok(world.agent.lines('info').includes('and 20 more: 20 x would be revoked (of this run).'));
    assert.equal(world.agent.outputs['keptCount'], '520');
  });
});
