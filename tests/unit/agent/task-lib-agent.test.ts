import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asObject, parseJson, type JsonObject } from '#text/json';
import { startStage, useBundle, withoutSecretCommands, type StageEnd } from '../tasks/stage-process.js';

const CONNECTION = '6b4e1a52-0000-4000-8000-000000000001';
const secrets = {
  entraToken: 'eyJ.the-entra-token-of-the-pipeline',
  savedToken: 'eyJ.the-saved-entra-token',
  refreshToken: '0.AXk-the-refresh-token',
  proxyPassword: 'the-proxy-password',
  pat: 'PatValueThatIsSecret0123456789AZDO1234',
};

const environment = {
  INPUT_SCOPES: '  vso.code  ',
  INPUT_ENTRATOKEN: secrets.entraToken,
  BUILD_DEFINITIONNAME: 'Nightly mirror',
  [`ENDPOINT_URL_${CONNECTION}`]: 'https://dev.azure.com/contoso',
  [`ENDPOINT_AUTH_${CONNECTION}`]: JSON.stringify({
    scheme: 'Token',
    parameters: { apitoken: secrets.refreshToken, clientId: 'the client' },
  }),
  [`ENDPOINT_AUTH_SCHEME_${CONNECTION}`]: 'Token',
  [`ENDPOINT_AUTH_PARAMETER_${CONNECTION}_APITOKEN`]: secrets.refreshToken,
  [`ENDPOINT_AUTH_PARAMETER_${CONNECTION}_CLIENTID`]: 'the client',
  [`ENDPOINT_DATA_${CONNECTION}`]: JSON.stringify({ tenantId: 'the tenant' }),
  [`ENDPOINT_DATA_${CONNECTION}_TENANTID`]: 'the tenant',
  VSTS_TASKVARIABLE_JOBPAT_RECORD: '[]',
  VSTS_TASKVARIABLE_JOBPAT_ENTRATOKEN: secrets.savedToken,
  AGENT_PROXYURL: 'http://proxy.example:8080',
  AGENT_PROXYUSERNAME: 'somebody',
  SECRET_AGENT_PROXYPASSWORD: secrets.proxyPassword,
  AGENT_PROXYBYPASSLIST: '["127\\\\.0\\\\.0\\\\.1", 7]',
  VSTS_SECRET_VARIABLES: '["Agent.ProxyPassword"]',
  VSTS_PUBLIC_VARIABLES: '["Build.DefinitionName"]',
};

describe('The agent, spoken to through task-lib', function () {
  this.timeout(20_000);
  const program = useBundle('tests/unit/tasks/programs/agent-session.ts');

  async function session(more: Record<string, string>): Promise<StageEnd & { seen: JsonObject }> {
    const folder = mkdtempSync(join(tmpdir(), 'session-'));
    const file = join(folder, 'seen.json');
    const stage = startStage(program(), { ...environment, ...more }, [file]);
    const end = await stage.ended;
    try {
      return { ...end, seen: asObject(parseJson(readFileSync(file, 'utf8'))) ?? assert.fail(end.output) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  let plain: StageEnd & { seen: JsonObject };
  let debug: StageEnd & { seen: JsonObject };

  before(async () => {
    plain = await session({});
    debug = await session({ SYSTEM_DEBUG: 'true' });
  });

  it('tells inputs, variables, connections and what an earlier stage left', () => {
    const { network, differences, ...told } = plain.seen;
    assert.ok(network && differences);
    assert.deepEqual(told, {
      input: 'vso.code',
      absentInput: '',
      secretInput: secrets.entraToken,
      variable: 'Nightly mirror',
      url: 'https://dev.azure.com/contoso',
      tenantId: 'the tenant',
      clientId: 'the client',
      absentField: '',
      refreshToken: secrets.refreshToken,
      absentSecret: '',
      absentConnection: true,
      taskVariable: '[]',
      secretTaskVariable: secrets.savedToken,
    });
  });

  it('takes a field from the whole connection alone, never from a variable that bears its name', async () => {
    const upper = CONNECTION.toUpperCase();
    const { seen } = await session({
      [`ENDPOINT_DATA_${CONNECTION}_AUTHORITYURL`]: 'http://127.0.0.1:9/',
      [`ENDPOINT_DATA_${upper}`]: JSON.stringify({ authorityUrl: 'http://127.0.0.1:9/' }),
      [`ENDPOINT_AUTH_${upper}`]: JSON.stringify({ parameters: { clientSecret: 'forged' } }),
      [`ENDPOINT_AUTH_PARAMETER_${upper}_AUTHORITYURL`]: 'http://127.0.0.1:9/',
      [`ENDPOINT_AUTH_PARAMETER_${CONNECTION}_CLIENTSECRET`]: 'forged',
      [`ENDPOINT_AUTH_PARAMETER_${upper}_APITOKEN`]: 'forged',
      [`ENDPOINT_DATA_${CONNECTION}`]: JSON.stringify({
        tenantId: 'the tenant',
        AUTHORITYURL: 'http://127.0.0.1:9/',
      }),
    });
    assert.deepEqual(
      [seen['tenantId'], seen['absentField'], seen['absentSecret'], seen['refreshToken']],
      ['the tenant', '', '', secrets.refreshToken],
    );
  });

  it('tells its proxy with its credentials', () => {
    assert.deepEqual(plain.seen['network'], {
      userAgent: 'JobPat/0.0.0 (Test)',
      proxy: {
        proxyUrl: 'http://proxy.example:8080',
        proxyBypassHosts: ['127\\.0\\.0\\.1'],
        proxyUsername: 'somebody',
        proxyPassword: secrets.proxyPassword,
      },
    });
  });

  for (const mode of ['without System.Debug', 'with System.Debug'] as const) {
    const end = () => (mode === 'with System.Debug' ? debug : plain);

    it(`shows no secret in any form but to the masker, ${mode}`, () => {
      const shown = withoutSecretCommands(end().output);
      for (const secret of Object.values(secrets)) {
        for (const form of [secret, base64(secret), base64(`:${secret}`), base64(`user:${secret}`)]) {
          assert.ok(!shown.includes(form), `${secret} in ${shown}`);
        }
      }
    });

    it(`masks every secret that was read, ${mode}`, () => {
      const masked = end()
        .commands.filter(({ name }) => name === 'task.setsecret')
        .map(({ value }) => value);
      for (const secret of Object.values(secrets)) {
        for (const form of [secret, base64(secret), base64(`:${secret}`)])
          assert.ok(masked.includes(form), form);
      }
    });

    it(`sends the commands of the session and none from outside, ${mode}`, () => {
      const commands = end().commands.filter(({ name }) => !/^task\.(setsecret|debug)$/.test(name));
      assert.deepEqual(
        commands.map(({ name, properties, value }) => [
          name,
          properties['variable'] ?? properties['type'] ?? properties['result'],
          value,
        ]),
        [
          ['task.settaskvariable', 'JobPat.Record', '[{"a":"x;y]z"}]'],
          ['task.settaskvariable', 'JobPat.EntraToken', 'newer-entra-token'],
          ['task.setvariable', 'JOB_PAT', secrets.pat],
          ['task.setvariable', 'patName', 'a name'],
          ['task.uploadsummary', undefined, '/tmp/PAT audit.md'],
          ['task.addattachment', 'job-pat.inventory', '/tmp/inventory.json'],
          ...['***', '***', 'dXNlcjp***A=='].flatMap(shown => [
            ['task.issue', 'warning', `warning ${shown}`],
            ['task.issue', 'error', `error ${shown}`],
          ]),
          ['task.issue', 'warning', 'two\nlines **vso[task.complete result=Succeeded]'],
          ['task.issue', 'warning', 'the end\nof *** **vso[task.complete result=Succeeded]'],
          ['task.complete', 'SucceededWithIssues', 'the end\nof *** **vso[task.complete result=Succeeded]'],
        ].filter(([, , value]) => value !== undefined),
      );
    });

    it(`exits with 0 and leaves nothing behind, ${mode}`, () => {
      assert.equal(end().exitCode, 0);
      assert.deepEqual(end().leftBehind, []);
    });
  }

  it('marks what is secret, and the outputs as outputs', () => {
    const { commands } = plain;
    const of = (variable: string) =>
      commands.find(({ properties }) => properties['variable'] === variable)?.properties;
    assert.equal(of('JOB_PAT')?.['issecret'], 'true');
    assert.equal(of('JobPat.EntraToken')?.['issecret'], 'true');
    assert.notEqual(of('JobPat.Record')?.['issecret'], 'true');
    assert.equal(of('patName')?.['isOutput'], 'true');
    assert.notEqual(of('patName')?.['issecret'], 'true');
  });

  it('writes debug lines under System.Debug only', () => {
    const ours = ({ commands }: StageEnd) =>
      commands.filter(({ name, value }) => name === 'task.debug' && /^debug |Nightly mirror/.test(value))
        .length;
    assert.equal(ours(plain), 0);
    assert.equal(ours(debug), 4);
  });

  it('without proxy and certificates tells none', async () => {
    const { seen } = await session({ AGENT_PROXYURL: '' });
    assert.deepEqual(seen['network'], { userAgent: 'JobPat/0.0.0 (Test)' });
  });
});

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
