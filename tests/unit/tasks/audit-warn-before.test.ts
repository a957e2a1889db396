import assert from 'node:assert/strict';
import { auditPats } from '../../../tasks/AuditPats/AuditPatsV1/run.js';
import { audits } from './audit-step.js';
import { PatService } from './pat-service.js';
import { failureOf, withoutNetwork } from './world.js';

describe('AuditPats, warnBefore', () => {
  withoutNetwork();
  const { step } = audits();

  it('warns of each PAT that ends within that time, the first to end first, but not of those of jobs', async () => {
    const service = new PatService();
    service.add('far', 'contoso', '2026-02-01T00:00:00Z', '2026-05-01T00:00:00Z');
    service.add('later', 'contoso', '2026-02-01T00:00:00Z', '2026-03-12T00:00:00Z');
    service.add('soon ##vso[x]', 'contoso', '2026-02-01T00:00:00Z', '2026-03-02T10:00:00Z');
    const job = 'Lost job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/0123abcd';
    service.add(job, 'contoso', '2026-03-01T09:00:00Z', '2026-03-01T11:00:00Z');
    const world = step({ warnBefore: '14d', failOn: 'never' }, service);
    await auditPats(world.effects);
    const warned = world.agent.lines('warning').filter(line => line.includes(' ends '));
    assert.equal(warned.length, 2);
    assert.match(
      warned[0] ?? '',
      /^PAT "soon \*\*vso\[x\]".* in contoso ends 2026-03-02 10:00 UTC, in (1d|23h 59m)\.$/,
    );
    assert.match(warned[1] ?? '', /^PAT "later"/);
  });

  it('is not asked for: no warning', async () => {
    const service = new PatService();
    service.add('soon', 'contoso', '2026-02-01T00:00:00Z', '2026-03-02T10:00:00Z');
    const world = step({ failOn: 'never' }, service);
    await auditPats(world.effects);
    assert.deepEqual(
      world.agent.lines('warning').filter(line => line.includes(' ends ')),
      [],
    );
  });

  it('that is no time is refused before any request', async () => {
    const world = step({ warnBefore: 'soon' });
    assert.match(
      (await failureOf(() => auditPats(world.effects))).message,
      /Input warnBefore: "soon" is not a time/,
    );
    assert.deepEqual(world.service.operations, []);
  });
});
