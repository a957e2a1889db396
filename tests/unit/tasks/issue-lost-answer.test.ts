import assert from 'node:assert/strict';
import { asObject } from '#text/json';
import {
  json,
  lost,
  patTokenError,
  refusedConnection,
  timedOut,
  truncated,
  unavailable,
  type Answer,
} from './answers.js';
import { afterJob, issuePat } from './issue-pat.js';
import { lostAfterwards, patValue } from './pat-service.js';
import { failureOf, mainStage, withoutNetwork, type World } from './world.js';

const OF_ANOTHER_STEP = 'Nightly job-pat:build/0f1e2d3c-1111-4222-8333-444444444444/4712/0a1b2c3d/0a1b2c3d';

describe('An answer that does not say whether the PAT was made', () => {
  withoutNetwork();

  it('lost after the PAT was made: the stray is found by name and revoked, then another is made', async () => {
    const world = mainStage();
    world.service.next('create', lostAfterwards);
    await issuePat(world);
    assert.deepEqual(world.service.operations, ['redeem', 'create', 'list', 'revoke', 'create', 'verify']);
    assert.deepEqual(
      [...world.service.alive.values()].map(({ value }) => value),
      [patValue(2)],
    );
    assert.equal(world.agent.secretVariables['JOB_PAT'], patValue(2));
  });

  it('a redirect after the PAT was made, by somebody in between: the stray is found and revoked, and the step fails', async () => {
    const world = mainStage();
    world.service.next('create', usual => ({ ...usual(), status: 302, headers: { location: '/_signin' } }));
    await failureOf(() => issuePat(world), 'redirect-refused');
    assert.deepEqual(world.service.operations, ['redeem', 'create', 'list', 'revoke']);
    assert.equal(world.service.alive.size, 0);
  });

  it('that names the PAT of another step: its value is masked and not used, and the stray is found and revoked', async () => {
    const world = mainStage();
    world.service.next('create', usual => {
      const made = asObject(JSON.parse(usual().body));
      const other = { ...asObject(made?.['patToken']), displayName: OF_ANOTHER_STEP, token: patValue(7) };
      return json(200, { ...made, patToken: other });
    });
    await failureOf(() => issuePat(world), 'pat-answer-not-usable');
    assert.equal(world.service.alive.size, 0);
    assert.deepEqual(world.agent.secretVariables, {});
    const isMasked = world.agent.events.some(event => event.kind === 'mask' && event.secret === patValue(7));
    assert.ok(isMasked);
  });

  it('that was found and revoked is looked for no more after the job', async () => {
    const world = mainStage();
    world.service.next('create', lostAfterwards);
    await issuePat(world);
    world.service.requests.length = 0;
    const later = world.laterStage();
    assert.equal(await afterJob(later), undefined);
    assert.deepEqual(world.service.operations, ['revoke']);
    assert.deepEqual(later.clock.waits, []);
  });

  it('lost before the PAT was made: it is looked for, and another attempt made', async () => {
    const world = mainStage();
    world.service.next('create', lost);
    await issuePat(world);
    assert.deepEqual(world.service.operations, ['redeem', 'create', 'list', 'create', 'verify']);
  });

  it('never repeats a name', async () => {
    const world = mainStage();
    world.service.next('create', lost, timedOut, unavailable());
    await issuePat(world);
    const names = namesAsked(world);
    assert.equal(names.length, 4);
    assert.equal(new Set(names).size, 4);
  });

  const faults: Record<string, Answer> = {
    'a reset connection': lost,
    'a timeout': timedOut,
    'HTTP 500': unavailable(500),
    'HTTP 502': unavailable(502),
    'HTTP 503': unavailable(503),
    'HTTP 504': unavailable(504),
  };
  for (const [name, answer] of Object.entries(faults)) {
    it(`${name} twice, and the third attempt succeeds with one PAT alive`, async () => {
      const world = mainStage();
      world.service.next('create', answer, answer);
      await issuePat(world);
      assert.equal(world.service.alive.size, 1);
      assert.equal(world.service.count('create'), 3);
      assert.equal(world.service.count('list'), 2);
    });

    it(`${name} every time ends in a failure and not in endless attempts`, async () => {
      const world = mainStage();
      world.service.always('create', answer);
      const failure = await failureOf(() => issuePat(world));
      assert.match(failure.topic, /^service-un(available|reachable)$/);
      assert.ok(world.service.count('create') <= 5);
      assert.deepEqual(world.agent.secretVariables, {});
    });
  }

  it('waits as long as Retry-After of a 503 says', async () => {
    const world = mainStage();
    world.service.next('create', unavailable(503, 7));
    await issuePat(world);
    assert.deepEqual(world.clock.waits, [7000]);
  });

  it('keeps the name of the doubtful attempt on the record: its request may arrive late', async () => {
    const world = mainStage();
    world.service.next('create', lost);
    await issuePat(world);
    const [first = ''] = namesAsked(world);
    world.service.add(first);
    assert.equal(world.service.alive.size, 2);
    assert.equal(await afterJob(world.laterStage()), undefined);
    assert.equal(world.service.alive.size, 0);
  });

  it('never made, because no connection came about: no search, and another attempt', async () => {
    const world = mainStage();
    world.service.next('create', refusedConnection);
    await issuePat(world);
    assert.deepEqual(world.service.operations, ['redeem', 'create', 'create', 'verify']);
  });

  const useless: Record<string, Answer> = {
    'cut JSON': truncated,
    'no body': usual => ({ ...usual(), body: '' }),
    'no value': usual => {
      const { patToken } = asObject(JSON.parse(usual().body)) ?? {};
      return json(200, { patToken: { ...asObject(patToken), token: null }, patTokenError: 'none' });
    },
    'no authorization id': usual => {
      const { patToken } = asObject(JSON.parse(usual().body)) ?? {};
      return json(200, { patToken: { ...asObject(patToken), authorizationId: 7 }, patTokenError: 'none' });
    },
    'no end': usual => {
      const { patToken } = asObject(JSON.parse(usual().body)) ?? {};
      return json(200, { patToken: { ...asObject(patToken), validTo: 'soon' }, patTokenError: 'none' });
    },
    'a list in place of an object': usual => json(200, [usual().body]),
    'a PAT and an error at once': usual =>
      json(200, { ...asObject(JSON.parse(usual().body)), patTokenError: 'invalidScope' }),
    'half of it, then the connection ended': lostAfterwards,
  };
  for (const [name, answer] of Object.entries(useless)) {
    it(`with ${name}: the PAT that nobody can use is revoked`, async () => {
      const world = mainStage();
      world.service.always('create', answer);
      await failureOf(() => issuePat(world));
      assert.ok(world.service.made.length > 0);
      assert.equal(world.service.alive.size, 0);
      assert.deepEqual(world.agent.secretVariables, {});
    });
  }

  it('masks the value also in an answer that cannot be used', async () => {
    const world = mainStage();
    world.service.next('create', usual =>
      json(200, { ...asObject(JSON.parse(usual().body)), patTokenError: 'invalidScope' }),
    );
    await failureOf(() => issuePat(world));
    assert.ok(world.agent.masks.includes(patValue(1)));
  });

  it('when the stray can be found but not revoked, leaves it to the post-job step and says so', async () => {
    const world = mainStage();
    world.service.next('create', lostAfterwards).always('revoke', patTokenError('accessDenied'));
    await failureOf(() => issuePat(world));
    assert.equal(world.service.alive.size, 1);
    const [name = ''] = namesAsked(world);
    assert.ok(world.agent.lines('warning').some(line => line.includes(name)));
    assert.match(world.agent.taskVariable('JobPat.Record') ?? '', new RegExp(name));
  });

  it('when the list stays out of reach, makes no second PAT', async () => {
    const world = mainStage();
    world.service.next('create', lostAfterwards).always('list', unavailable());
    await failureOf(() => issuePat(world), 'service-unavailable');
    assert.equal(world.service.count('create'), 1);
    assert.match(world.agent.taskVariable('JobPat.Record') ?? '', /job-pat:build/);
  });
});

function namesAsked({ service }: World): string[] {
  return service.requests.flatMap(({ operation, body }) =>
    operation === 'create' ? String(asObject(body)?.['displayName']) : [],
  );
}
