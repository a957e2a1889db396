import assert from 'node:assert/strict';
import { startEmulator, type Emulator } from '#emulator/index';
import { environmentOf, taskVariables } from '../tasks/issuing-stage.js';
import { startStage, useBundle, type StageEnd } from '../tasks/stage-process.js';

const CONNECTION = '6b4e1a52-0000-4000-8000-000000000001';

/** Names as somebody sets them, each written like something that the agent hands over, or that Node.js reads. */
const refused = [
  'INPUT_SCOPES',
  'Input.Scopes',
  'input scopes',
  'INPUT_PATISSUER',
  `ENDPOINT_AUTH_PARAMETER_${CONNECTION}_ALLOWEDSCOPES`,
  `endpoint.data.${CONNECTION.toUpperCase()}.authorityUrl`,
  'ENDPOINT_URL_SYSTEMVSSCONNECTION',
  'SECUREFILE_TICKET_1',
  'VSTS_TASKVARIABLE_JOBPAT_RECORD',
  'vsts.taskvariable.JobPat.EntraToken',
  'VSTS_PUBLIC_VARIABLES',
  'SECRET_SYSTEM_ACCESSTOKEN',
  'secret.agent proxypassword',
  'SECRET_OF_MINE',
  'AGENT_PROXYURL',
  'System_TeamFoundationCollectionUri',
  'SYSTEM_JOBID',
  'NODE_OPTIONS',
  'node.options',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_COMPILE_CACHE',
  'SSL_CERT_FILE',
  'OPENSSL_CONF',
  'LD_PRELOAD',
  'DYLD_INSERT_LIBRARIES',
];

/** What many a pipeline has, and what the agent itself sets. */
const innocent = [
  'Agent.ProxyUrl',
  'agent.cainfo',
  'System.CollectionUri',
  'System.JobId',
  'Build.BuildId',
  'NODE_ENV',
  'nodeVersion',
  'SECRET_KEY',
  'ENDPOINT_HOST',
  'MY_INPUT_SCOPES',
  'sourcesPath',
];

describe('Variables of a job that stand in a foreign place', function () {
  this.timeout(60_000);
  const mains = (['IssuePat', 'RevokePat', 'RotatePat', 'RenewPatIssuer', 'AuditPats'] as const).map(
    task => [task, useBundle(`tasks/${task}/${task}V1/main.ts`)] as const,
  );
  const main = mains[0]?.[1] ?? assert.fail('no task');
  const post = useBundle('tasks/IssuePat/IssuePatV1/post.ts');
  let emulator: Emulator;
  before(async () => {
    emulator = await startEmulator();
  });
  after(async () => {
    await emulator.close();
  });

  const run = (
    bundle: string,
    names: readonly string[],
    more: Record<string, string> = {},
  ): Promise<StageEnd> =>
    startStage(bundle, {
      ...environmentOf(emulator, CONNECTION),
      VSTS_PUBLIC_VARIABLES: JSON.stringify(names),
      VSTS_SECRET_VARIABLES: JSON.stringify(['of.mine']),
      ...more,
    }).ended;

  it('are refused by name, all at once, before the first request', async () => {
    const before = emulator.requests.length;
    const { output, exitCode } = await run(main(), [...refused.slice(0, 8), ...innocent]);
    assert.match(output, /task\.complete result=Failed;\].*\[variable-refused\]/);
    for (const name of refused.slice(0, 8)) assert.ok(output.includes(`"${name}"`), name);
    for (const name of innocent) assert.ok(!output.includes(`"${name}"`), name);
    assert.equal(exitCode, 0);
    assert.equal(emulator.requests.length, before);
  });

  for (const name of refused)
    it(`are refused as ${name}`, async () => {
      const { output } = await run(main(), [name]);
      assert.ok(output.includes(`"${name}"`) && output.includes('[variable-refused]'), output);
    });

  it('are refused among the secret ones too', async () => {
    const { output } = await run(main(), [], { VSTS_SECRET_VARIABLES: '["INPUT_SCOPES"]' });
    assert.match(output, /"INPUT_SCOPES".*\[variable-refused\]/);
  });

  for (const [task, bundle] of mains)
    it(`are refused by ${task}`, async () => {
      const { output } = await run(bundle(), ['Input.PatIssuer', 'NODE_OPTIONS']);
      assert.match(output, /"Input\.PatIssuer".*"NODE_OPTIONS".*\[variable-refused\]/);
    });

  it('that merely look like it are left alone', async () => {
    const { output } = await run(main(), innocent);
    assert.match(output, /task\.complete result=Succeeded/);
  });

  it('do not keep the post-job from revoking, which tells them', async () => {
    const issued = await run(main(), []);
    const state = taskVariables(issued);
    const alive = emulator.pats.active().length;
    const { output } = await run(post(), refused, state);
    assert.equal(emulator.pats.active().length, alive - 1, output);
    assert.match(output, /task\.issue type=warning.*"INPUT_SCOPES"/);
  });
});
