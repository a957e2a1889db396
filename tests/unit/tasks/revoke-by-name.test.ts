import assert from 'node:assert/strict';
import { jobPatName } from '#pat/run-name';
import { PatService } from './pat-service.js';
import { assertAlive, assertDead, nameOf, revokePats, revokeStep, whyKept } from './revoke-pats.js';
import { failureOf, withoutNetwork } from './world.js';

describe('Revoking by name', () => {
  withoutNetwork();

  it('leaves PATs that Job PAT did not make, and says so', async () => {
    const service = new PatService();
    const run = {
      host: 'build',
      projectId: 'abababab-1212-4343-8565-787878787878',
      runId: '1',
      jobId: '12f1170f',
    } as const;
    const mine = [
      service.add(jobPatName('Nightly mirror', run, '00000001')),
      service.add('Nightly job-pat:rotated/8ec0fd8f/0123abcd'),
    ];
    const foreign = [service.add('Nightly mirror'), service.add('Nightly job-pat:build/../x')];
    const other = service.add(nameOf(4711, { label: 'Weekly' }));
    const world = revokeStep({ what: 'name', namePattern: 'Nightly*' }, service);
    assert.equal(await revokePats(world), undefined);
    assertDead(world, ...mine);
    assertAlive(world, ...foreign, other);
    for (const pat of foreign) assert.equal(whyKept(world, pat), 'not made by Job PAT');
    assert.deepEqual(world.agent.outputs, { revokedCount: '2', keptCount: '2', failedCount: '0' });
  });

  it('ends foreign ones too where includeForeign says so', async () => {
    const service = new PatService();
    const foreign = service.add('my own');
    const world = revokeStep({ what: 'name', namePattern: '*', includeForeign: 'true' }, service);
    await revokePats(world);
    assertDead(world, foreign);
  });

  it('of one PAT leaves the one with another nonce', async () => {
    const service = new PatService();
    const [named, other] = [service.add(nameOf(1)), service.add(nameOf(1, { nonce: '0123abce' }))];
    const world = revokeStep({ what: 'name', namePattern: nameOf(1) }, service);
    await revokePats(world);
    assertDead(world, named);
    assertAlive(world, other);
  });

  it('of everything is refused before any request', async () => {
    const world = revokeStep({ what: 'name', namePattern: '*' });
    const failure = await failureOf(() => revokePats(world), 'input-not-valid');
    assert.match(failure.message, /Input namePattern: "\*" matches every name/);
    assert.deepEqual(world.service.operations, []);
  });

  it('includes foreign PATs for no administrator', async () => {
    const inputs = { as: 'administrator', adminToken: 'x', user: 'a@b.c', includeForeign: 'true' };
    const world = revokeStep({ what: 'name', namePattern: 'x*', ...inputs });
    const failure = await failureOf(() => revokePats(world), 'input-not-valid');
    assert.match(failure.message, /Input includeForeign: an administrator/);
  });
});
