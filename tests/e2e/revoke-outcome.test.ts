import assert from 'node:assert/strict';
import { fault } from '#emulator/index';
import { emulatorForEachTest, issuesOf, issueStep, runIssuingJob } from './issuing-job.js';
import { alive, nameOf, namesOf, revoke, rowOf, seed } from './revoking-job.js';

describe('RevokePat', () => {
  const emulator = emulatorForEachTest();

  it('revokes what another job left alive, by its output, and once more is success', async () => {
    const issuing = await runIssuingJob(emulator(), { steps: [issueStep({ revoke: 'never' })] });
    const [pat] = emulator().pats.active();
    const authorizationIds = issuing.outputs['pat.authorizationId']?.value ?? '';
    assert.equal(authorizationIds, pat?.authorizationId);
    const first = await revoke(emulator(), { what: 'ids', authorizationIds });
    assert.deepEqual(alive(emulator()), []);
    assert.match(rowOf(first, pat?.displayName ?? ''), /^revoked .* asked for$/);
    const second = await revoke(emulator(), { what: 'ids', authorizationIds });
    assert.equal(second.job.result, 'Succeeded', second.job.log);
    assert.deepEqual(second.outputs, { revokedCount: '1', keptCount: '0', failedCount: '0' });
  });

  it('revokes by name what Job PAT made, and foreign PATs only when told to', async () => {
    const [foreign, other] = ['Nightly export', nameOf(1, { label: 'Weekly' })];
    seed(emulator(), [nameOf(1), nameOf(2), foreign, other]);
    await revoke(emulator(), { what: 'name', namePattern: 'Nightly*' });
    assert.deepEqual(alive(emulator()), [foreign, other]);
    await revoke(emulator(), { what: 'name', namePattern: 'Nightly*', includeForeign: true });
    assert.deepEqual(alive(emulator()), [other]);
  });

  for (const [onRevokeFailure, result, type] of [
    ['warn', 'SucceededWithIssues', 'warning'],
    ['fail', 'Failed', 'error'],
  ] as const) {
    it(`goes on after one that fails, and ends ${result} with onRevokeFailure: ${onRevokeFailure}`, async () => {
      const pats = seed(emulator(), namesOf(4711, 5));
      const stuck = pats[2] ?? assert.fail();
      emulator().faults.add('pats.revoke', fault.unauthorized(), {
        when: ({ query }) => query.get('authorizationId') === stuck.authorizationId,
      });
      const inputs = { what: 'run', runId: '4711', onRevokeFailure };
      const revoking = await revoke(emulator(), inputs);
      assert.deepEqual(alive(emulator()), [stuck.displayName]);
      assert.equal(revoking.step.result, result);
      const told = issuesOf(revoking.step, type);
      const end = stuck.validTo.toISOString().slice(0, 16).replace('T', ' ');
      assert.ok(told.includes(`"${stuck.displayName}" (${stuck.authorizationId}) stays alive`), told);
      assert.ok(told.includes(`in contoso until ${end} UTC: `), told);
      assert.match(told, /HTTP 401/);
      assert.deepEqual(revoking.outputs, { revokedCount: '4', keptCount: '0', failedCount: '1' });
    });
  }

  it('revokes PATs of a locked-out user as administrator, by name or id and never everything', async () => {
    const { entra, pats } = emulator();
    const admin = entra.addUser({ displayName: 'Admin', administrator: true });
    const adminToken = entra.issueAccessToken({ user: admin, scopes: ['user_impersonation'] }).value;
    const administrator = { as: 'administrator', adminToken, user: entra.user.principalName };
    const [mine] = seed(emulator(), ['my own', nameOf(1), nameOf(2)]);
    const [theirs] = pats.seed([{ displayName: nameOf(1, { label: 'Theirs' }), owner: admin }]);

    const everything = await revoke(emulator(), { ...administrator, what: 'name', namePattern: '*' });
    assert.equal(everything.job.result, 'Failed');
    assert.match(issuesOf(everything.step), /namePattern.*matches every name/);

    const byName = { ...administrator, what: 'name', namePattern: '* job-pat:build/*' };
    const revoking = await revoke(emulator(), byName);
    assert.equal(revoking.job.result, 'Succeeded', revoking.job.log);
    assert.deepEqual(alive(emulator()), [theirs?.displayName, 'my own'].sort());

    const authorizationIds = `${mine?.authorizationId ?? ''}, ${theirs?.authorizationId ?? ''}`;
    const byId = await revoke(emulator(), { ...administrator, what: 'ids', authorizationIds });
    assert.deepEqual(alive(emulator()), [theirs?.displayName]);
    assert.deepEqual(byId.outputs, { revokedCount: '1', keptCount: '1', failedCount: '0' });
    assert.equal(emulator().requestsOf('entra.token').length, 0, 'The locked-out user is not asked for.');
  });
});
