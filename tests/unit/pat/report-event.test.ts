import assert from 'node:assert/strict';
import { readPatEvent } from '#pat/pat-event';
import { unavailable } from '../tasks/answers.js';
import { afterJob, issuePat } from '../tasks/issue-pat.js';
import { PatService } from '../tasks/pat-service.js';
import { nameOf, revokePats, revokeStep } from '../tasks/revoke-pats.js';
import { mainStage, withoutNetwork, type World } from '../tasks/world.js';

const NAME =
  'Nightly mirror 20260301.1 job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/00000001';

/** What a stage told, in the order in which it happened. */
function told({ agent }: World) {
  return agent.timelineRecords.map(({ type, name, detail, result }) => ({
    ...readPatEvent(type, name),
    detail,
    result,
  }));
}

describe('The life of a PAT in the timeline of the run', () => {
  withoutNetwork();

  it('tells that it was issued, with what scopes, and in which variable it is', async () => {
    const world = mainStage({ inputs: { scopes: 'vso.code_write vso.packaging' } });
    await issuePat(world);
    const pat = {
      organization: 'contoso',
      authorizationId: '00000000-0000-4000-8000-000000000001',
      validTo: new Date('2026-03-01T11:00:00Z'),
      displayName: NAME,
    };
    assert.deepEqual(told(world), [
      { event: 'issued', pat, detail: 'vso.code_write vso.packaging', result: 'Succeeded' },
      { event: 'exposed', pat, detail: '$(JOB_PAT)', result: 'Succeeded' },
    ]);
  });

  it('tells that it was left to a later job', async () => {
    const world = mainStage({ inputs: { revoke: 'never' } });
    await issuePat(world);
    assert.deepEqual(
      told(world).map(({ event }) => event),
      ['issued', 'exposed', 'handedOver'],
    );
  });

  it('tells of its end after the job, by the same id', async () => {
    const main = mainStage();
    await issuePat(main);
    const post = main.laterStage();
    await afterJob(post);
    const [end] = told(post);
    assert.equal(end?.event, 'revoked');
    assert.deepEqual(end.pat, told(main)[0]?.pat);
  });

  it('tells that it stays alive when it cannot be revoked, and why', async () => {
    const service = new PatService();
    const main = mainStage({}, service);
    await issuePat(main);
    const post = main.laterStage();
    service.always('revoke', unavailable());
    await afterJob(post);
    const [end, ...more] = told(post);
    assert.deepEqual([end?.event, end?.result, end?.detail], ['remains', 'Failed', 'service-unavailable']);
    assert.deepEqual(more, []);
  });

  it('tells what RevokePat revoked, at most a hundred of them', async () => {
    const service = new PatService();
    for (let count = 0; count < 120; count++) service.add(nameOf(1, { label: 'mine' }));
    const world = revokeStep({ what: 'name', namePattern: 'mine*' }, service);
    await revokePats(world);
    const events = told(world);
    assert.equal(events.length, 100);
    assert.ok(
      events.every(({ event, pat }) => event === 'revoked' && pat?.displayName?.startsWith('mine ') === true),
    );
  });

  it('holds no secret', async () => {
    const world = mainStage();
    await issuePat(world);
    const records = JSON.stringify(world.agent.timelineRecords);
    for (const secret of world.agent.masks) assert.ok(!records.includes(secret));
  });
});
