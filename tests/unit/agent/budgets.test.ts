import assert from 'node:assert/strict';
import {
  AGENT_LIMITS,
  AUDIT,
  CANCELLED_STAGE,
  LOOKING_RESERVE,
  MAIN_STAGE,
  PAUSES,
  POST_JOB_STAGE,
  RENEWAL,
  ROTATION,
} from '#agent/budgets';
import { HttpFault, type Http } from '#http/http';
import { afterJob, issuePat } from '../tasks/issue-pat.js';
import { START, failureOf, mainStage, withoutNetwork, type World } from '../tasks/world.js';

/** The start of a process, its last lines, and a clock that is a little late. */
const AROUND = 1_500;

describe('The budgets of a step', () => {
  withoutNetwork();

  it('of the main stage add up to less than a job may take by default', () => {
    const { signIn, leftovers, createAll, verifyAll, undo } = MAIN_STAGE;
    const sum = signIn + leftovers + createAll + verifyAll + undo;
    assert.ok(sum + POST_JOB_STAGE.all < AGENT_LIMITS.job, `${sum} ms`);
  });

  it('of one PAT leave time to look for it after a request that hangs', () => {
    assert.ok(LOOKING_RESERVE < MAIN_STAGE.create / 2);
    assert.ok(MAIN_STAGE.create <= MAIN_STAGE.createAll && MAIN_STAGE.verify <= MAIN_STAGE.verifyAll);
  });

  it('of the post-job stage stay within the shortest time that an agent gives a cancelled job', () => {
    const all: number = POST_JOB_STAGE.all;
    assert.ok(all <= AGENT_LIMITS.leastCancelTimeout);
    assert.ok(4 * all < AGENT_LIMITS.cancelTimeout, 'four such steps in a job');
  });

  it('of a step that was told to stop end before it is killed, and before it is told a second time', () => {
    const { toTerminate, toKill } = AGENT_LIMITS;
    assert.equal(toTerminate + toKill, 10_000);
    for (const part of Object.values(CANCELLED_STAGE)) {
      assert.ok(part + AROUND <= toTerminate);
      assert.ok(part + AROUND <= toTerminate + toKill);
    }
  });

  it('of a step of many requests leave room in a job for every pause that a service asks for', () => {
    const { signIn, look, list, commit, revokeSuperseded, queue } = ROTATION;
    const { create, verify, undo } = MAIN_STAGE;
    const ofOne = signIn + look + list + create + verify + commit + revokeSuperseded + undo + queue;
    assert.ok(ofOne + PAUSES.all < AGENT_LIMITS.job, `${ofOne} ms`);
    const ofAudit = AUDIT.signIn + AUDIT.reading + AUDIT.runs;
    assert.ok(ofAudit + PAUSES.longest < AGENT_LIMITS.job, `${ofAudit} ms`);
    const ofRenewal = 2 * RENEWAL.redeem + create + verify + 2 * RENEWAL.connection + undo;
    assert.ok(ofRenewal + PAUSES.all < AGENT_LIMITS.job, `${ofRenewal} ms`);
    assert.ok(RENEWAL.readBack < RENEWAL.connection && AUDIT.membershipAfterFailure < AUDIT.membership);
  });

  /** A stage whose every request of the kinds that hang takes until its timeout; time passes with it. */
  function hanging(world: World, hangs: (method: string, url: string) => boolean): World {
    const slow =
      (http: Http): Http =>
      async request => {
        if (!hangs(request.method, request.url)) return http(request);
        world.clock.pass(request.timeout);
        world.service.requests.length = 0;
        throw new HttpFault('lost', `No answer within ${Math.round(request.timeout / 1000)} s.`, 'ETIMEDOUT');
      };
    const { effects } = world;
    Object.assign(effects, { http: slow(effects.http) });
    Object.assign(effects.cleanup, { http: slow(effects.cleanup.http) });
    return world;
  }
  const passed = (world: World) => world.clock.now().getTime() - START.getTime();

  it('a sign-in that hangs takes no longer than its part', async () => {
    const world = hanging(mainStage(), (_, url) => url.includes('/token'));
    await failureOf(() => issuePat(world), 'service-unreachable');
    assert.ok(passed(world) <= MAIN_STAGE.signIn, `${passed(world)} ms`);
  });

  it('a create request that hangs leaves time to look, and all of it stays in its part', async () => {
    const world = hanging(mainStage(), method => method === 'POST');
    // The sign-in is a POST too, and hangs only for its own part.
    await failureOf(() => issuePat(world), 'service-unreachable');
    assert.ok(passed(world) <= MAIN_STAGE.signIn + MAIN_STAGE.create, `${passed(world)} ms`);

    const created = hanging(
      mainStage(),
      (method, url) => url.includes('/_apis/tokens/pats') && method === 'POST',
    );
    await failureOf(() => issuePat(created), 'service-unreachable');
    const most = MAIN_STAGE.create + MAIN_STAGE.undo;
    assert.ok(passed(created) <= most, `${passed(created)} ms of ${most}`);
  });

  it('when everything hangs after the sign-in, the step still ends in its sum', async () => {
    const world = hanging(mainStage(), (_, url) => url.includes('/_apis/'));
    await failureOf(() => issuePat(world));
    assert.ok(passed(world) <= MAIN_STAGE.create + MAIN_STAGE.undo, `${passed(world)} ms`);
  });

  it('a proof that hangs takes no longer than its part, and the PAT is revoked', async () => {
    const world = hanging(mainStage(), (_, url) => url.includes('connectionData'));
    await failureOf(() => issuePat(world), 'pat-not-accepted');
    assert.ok(passed(world) <= MAIN_STAGE.verify, `${passed(world)} ms`);
    assert.equal(world.service.alive.size, 0);
  });

  it('a post-job step in which everything hangs ends within its budget, and warns', async () => {
    const main = mainStage({ inputs: { organization: 'contoso, fabrikam' }, fields: BOTH });
    await issuePat(main);
    const post = main.laterStage();
    const before = passed(post);
    hanging(post, () => true);
    const outcome = await afterJob(post);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.ok(passed(post) - before <= POST_JOB_STAGE.all, `${passed(post) - before} ms`);
  });

  it('one organization that hangs leaves time for the other', async () => {
    const main = mainStage({ inputs: { organization: 'contoso, fabrikam' }, fields: BOTH });
    await issuePat(main);
    const post = hanging(main.laterStage(), (_, url) => url.includes('/contoso/'));
    const outcome = await afterJob(post);
    assert.match(outcome?.message ?? '', /stays alive in contoso/);
    assert.doesNotMatch(outcome?.message ?? '', /fabrikam/);
    assert.deepEqual(
      [...post.service.alive.values()].map(pat => pat.organization),
      ['contoso'],
    );
  });

  it('a cancelled step whose clean-up hangs ends before it is killed', async () => {
    const world = mainStage();
    world.service.next('create', usual => {
      const reply = usual();
      world.cancel();
      return reply;
    });
    const { cleanup } = world.effects;
    Object.assign(cleanup, {
      http: (async request => {
        world.clock.pass(request.timeout);
        throw await Promise.resolve(new HttpFault('lost', 'No answer.', 'ETIMEDOUT'));
      }) satisfies Http,
    });
    await failureOf(() => issuePat(world), 'cancelled');
    assert.ok(passed(world) + AROUND <= AGENT_LIMITS.toTerminate, `${passed(world)} ms`);
  });
});

const BOTH = { allowedOrganizations: 'contoso fabrikam' };
