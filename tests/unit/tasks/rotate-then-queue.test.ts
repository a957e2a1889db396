import nock from 'nock';
import assert from 'node:assert/strict';
import { json } from './answers.js';
import { PatService } from './pat-service.js';
import { generationOf, GroupService, JOB_TOKEN, rotatePats, rotateStep } from './rotate-pats.js';
import { failureOf, START, withoutNetwork } from './world.js';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: unknown;
}

/** The API Pipelines of the run's project, behind nock. */
function pipelines(answer: { status: number; body: object } = { status: 200, body: { id: 4712 } }): Asked[] {
  const asked: Asked[] = [];
  const served = nock('https://dev.azure.com').persist();
  const remember = (
    request: { method: string; headers: Record<string, unknown> },
    uri: string,
    body: unknown,
  ) => {
    const { pathname } = new URL(uri, 'https://dev.azure.com');
    asked.push({
      method: request.method,
      path: pathname,
      authorization: String(request.headers['authorization']),
      body,
    });
  };
  served.get(/_apis\/pipelines\?/).reply(function (uri, body) {
    remember(this.req, uri, body);
    return [
      200,
      {
        value: [
          { id: 41, name: 'Deploy', folder: '\\' },
          { id: 42, name: 'Restart mirror', folder: '\\nightly' },
          { id: 43, name: 'Twice', folder: '\\a' },
          { id: 44, name: 'Twice', folder: '\\b' },
        ],
      },
    ];
  });
  served.post(/_apis\/pipelines\/\d+\/runs\?/).reply(function (uri, body) {
    remember(this.req, uri, body);
    return [answer.status, answer.body];
  });
  return asked;
}

const PIPELINES = '/contoso/abababab-1212-4343-8565-787878787878/_apis/pipelines';

describe('RotatePat, thenQueue', () => {
  withoutNetwork();

  for (const [named, id] of [
    ['42', 42],
    ['restart MIRROR', 42],
    ['\\nightly\\Restart mirror', 42],
    ['b/Twice', 44],
  ] as const) {
    it(`starts the pipeline "${named}" once, with the token of the job, after a rotation`, async () => {
      const asked = pipelines();
      new GroupService();
      const world = rotateStep({ inputs: { thenQueue: named } });
      assert.equal(await rotatePats(world), undefined);
      const runs = asked.filter(({ method }) => method === 'POST');
      assert.deepEqual(runs, [
        { method: 'POST', path: `${PIPELINES}/${id}/runs`, authorization: `Bearer ${JOB_TOKEN}`, body: {} },
      ]);
      assert.match(world.agent.lines('info').join('\n'), /Started pipeline ".*": run 4712\.$/m);
    });
  }

  it('starts nothing where nothing was rotated, and nothing with whatIf', async () => {
    const asked = pipelines();
    const service = new PatService();
    const validFrom = new Date(START.getTime() - 86_400_000).toISOString();
    const pat = service.add(generationOf(), 'contoso', validFrom, '2026-03-20T00:00:00Z');
    new GroupService({
      GIT_PAT: { value: pat.value, isSecret: true },
      'GIT_PAT.authorizationId': { value: pat.authorizationId },
    });
    await rotatePats(rotateStep({ inputs: { thenQueue: '42' } }, service));
    const whatIf = rotateStep({ inputs: { thenQueue: '42', whatIf: 'true', force: 'true' } }, service);
    await rotatePats(whatIf);
    assert.deepEqual(asked, []);
    assert.match(whatIf.agent.lines('info').join('\n'), /Pipeline "42" would be started/);
  });

  it('that is refused leaves the rotation as it is, and warns with what was rotated and whose credential it was', async () => {
    pipelines({
      status: 403,
      body: { message: 'TF215106: Access denied.', typeKey: 'AccessDeniedException' },
    });
    const group = new GroupService();
    const world = rotateStep({ inputs: { thenQueue: '42' } });
    const outcome = await rotatePats(world);
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.equal(group.value('GIT_PAT.authorizationId') !== undefined, true);
    assert.equal(world.agent.outputs['rotated'], 'true');
    const [warning] = world.agent.lines('warning');
    assert.match(
      warning ?? '',
      /^Rotated "mirror", but pipeline "42" could not be started with the token of the job: /,
    );
    assert.match(warning ?? '', /TF215106.*The rotation stands/s);
  });

  it('does not ask again when the answer is lost: the run may have started', async () => {
    const asked = pipelines({ status: 503, body: {} });
    new GroupService();
    const world = rotateStep({ inputs: { thenQueue: '42' } });
    assert.equal((await rotatePats(world))?.result, 'SucceededWithIssues');
    assert.equal(asked.length, 1);
    assert.match(world.agent.lines('warning').join('\n'), /Whether pipeline "42" was started is not known/);
  });

  for (const [named, said] of [
    ['Nothing', /has no pipeline "Nothing"/],
    ['Twice', /several pipelines "Twice": \\a\\Twice, \\b\\Twice/],
  ] as const) {
    it(`that means no one pipeline ("${named}") is a warning`, async () => {
      const asked = pipelines();
      new GroupService();
      const world = rotateStep({ inputs: { thenQueue: named } });
      assert.equal((await rotatePats(world))?.result, 'SucceededWithIssues');
      assert.match(world.agent.lines('warning').join('\n'), said);
      assert.equal(asked.filter(({ method }) => method === 'POST').length, 0);
    });
  }

  it('is checked before any request', async () => {
    const asked = pipelines();
    const world = rotateStep({ inputs: { thenQueue: '$(pipeline)', warnBefore: '3 days' } });
    const { message } = await failureOf(() => rotatePats(world), 'input-not-valid');
    assert.match(message, /Input thenQueue: "\$\(pipeline\)" is not the id or name/);
    assert.match(message, /Input warnBefore: "3 days" is not a time/);
    assert.deepEqual([asked, world.service.operations], [[], []]);
  });

  it('and a rotation that failed: nothing is started, and the step fails', async () => {
    const asked = pipelines();
    const group = new GroupService();
    group.next('write', () => json(403, { message: 'no', typeKey: 'AccessDeniedException' }));
    const outcome = await rotatePats(rotateStep({ inputs: { thenQueue: '42' } }));
    assert.equal(outcome?.result, 'Failed');
    assert.deepEqual(asked, []);
  });
});

describe('RotatePat, warnBefore', () => {
  withoutNetwork();

  /** Due on 13 March, ends on 20 March; today is the first. */
  async function warnings(warnBefore: string): Promise<string[]> {
    const service = new PatService();
    const validFrom = new Date(START.getTime() - 86_400_000).toISOString();
    const pat = service.add(generationOf(), 'contoso', validFrom, '2026-03-20T00:00:00Z');
    new GroupService({
      GIT_PAT: { value: pat.value, isSecret: true },
      'GIT_PAT.authorizationId': { value: pat.authorizationId },
    });
    const world = rotateStep({ inputs: { warnBefore } }, service);
    assert.equal(await rotatePats(world), undefined);
    return world.agent.lines('warning');
  }

  it('warns of the next rotation and of the end within that time, and not before', async () => {
    assert.deepEqual(await warnings('11d'), []);
    assert.deepEqual(await warnings(''), []);
    const [warning, ...more] = await warnings('12d');
    assert.match(
      warning ?? '',
      /^PAT "mirror" in the .* will be rotated from 2026-03-13 00:00 UTC on, and ends 2026-03-20 00:00 UTC\.$/,
    );
    assert.deepEqual(more, []);
  });
});
