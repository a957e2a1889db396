import assert from 'node:assert/strict';
import { isJsonObject } from '#local-agent/json';
import { chooseHandler, parseTaskDefinition } from '#local-agent/task-definition';
import { environmentName } from '#local-agent/step-environment';
import { printed, run, stageOf } from './fixture-package.js';

const dump = 'say("env=" + JSON.stringify(process.env));';

async function environmentOf(
  step: object,
  json: object = {},
  options: Parameters<typeof run>[2] = {},
): Promise<Readonly<Record<string, unknown>>> {
  const job = await run([{ name: 'One', main: dump, json }], [{ task: 'One@1', ...step }], options);
  const env = printed(job, 'env');
  assert.ok(isJsonObject(env));
  return env;
}

const inputs = (...list: readonly object[]) => ({
  inputs: list.map(input => ({ label: 'x', type: 'string', ...input })),
});

describe('a task gets its inputs', () => {
  it('with defaults and empty ones, trimmed, also those it does not declare', async () => {
    const json = inputs(
      { name: 'withDefault', defaultValue: ' d ' },
      { name: 'without' },
      { name: 'flag', defaultValue: true },
    );
    const env = await environmentOf({ inputs: { ' other.one ': ' v ' } }, json);
    assert.equal(env['INPUT_WITHDEFAULT'], 'd');
    assert.equal(env['INPUT_WITHOUT'], '');
    assert.equal(env['INPUT_FLAG'], 'true');
    assert.equal(env['INPUT_OTHER_ONE'], 'v');
  });

  it('by their name where the file says an alias', async () => {
    const env = await environmentOf({ inputs: { Nick: 'v' } }, inputs({ name: 'real', aliases: ['nick'] }));
    assert.equal(env['INPUT_REAL'], 'v');
    assert.equal(env['INPUT_NICK'], undefined);
  });

  it('with variables put in once, secrets too, then what the agent has in its environment', async () => {
    const env = await environmentOf(
      { inputs: { a: '$(plain) $(Word) $(unknown) $(HERE)' } },
      {},
      {
        variables: { plain: 'p', word: { value: 'open-sesame', isSecret: true } },
        environment: { HERE: 'agent' },
      },
    );
    assert.equal(env['INPUT_A'], 'p open-sesame $(unknown) agent');
  });

  it('trimmed before variables are put in, and after it only where a switch says so', async () => {
    const shortcuts = { variables: { padded: { value: ' secret ', isSecret: true } } };
    const env = await environmentOf({ inputs: { a: ' $(padded) ' } }, {}, shortcuts);
    assert.equal(env['INPUT_A'], ' secret ');
    const variables = { ...shortcuts.variables, AGENT_ENABLE_VARIABLE_INPUT_TRIMMING: 'true' };
    const trimmed = await environmentOf({ inputs: { a: ' $(padded) ' } }, {}, { variables });
    assert.equal(trimmed['INPUT_A'], 'secret');
  });

  it('with file paths rooted at the sources, an empty one being the root itself', async () => {
    const json = inputs(
      { name: 'a', type: 'filePath' },
      { name: 'b', type: 'filePath' },
      { name: 'c', type: 'filePath' },
    );
    const env = await environmentOf({ inputs: { b: 'sub/../x.txt', c: '/abs/y' } }, json);
    assert.equal(env['INPUT_A'], env['BUILD_SOURCESDIRECTORY']);
    assert.equal(env['INPUT_B'], `${String(env['BUILD_SOURCESDIRECTORY'])}/x.txt`);
    assert.equal(env['INPUT_C'], '/abs/y');
  });
});

describe('a task gets its environment', () => {
  it('under mangled names', () => {
    assert.equal(environmentName('my.long name-x/ü'), 'MY_LONG_NAME-X/Ü');
    assert.equal(environmentName('my.Name', true), 'my_Name');
  });

  it('with public variables, secret ones apart, and both lists of names', async () => {
    const env = await environmentOf(
      {},
      {},
      {
        variables: { 'my.plain': 'p', 'my.word': { value: 'open-sesame', isSecret: true } },
      },
    );
    assert.equal(env['MY_PLAIN'], 'p');
    assert.equal(env['MY_WORD'], undefined);
    assert.equal(env['SECRET_MY_WORD'], 'open-sesame');
    assert.match(String(env['VSTS_PUBLIC_VARIABLES']), /"my\.plain"/);
    assert.deepEqual(JSON.parse(String(env['VSTS_SECRET_VARIABLES'])), ['System.AccessToken', 'my.word']);
  });

  it('with what tells it that it runs on an agent, and nothing of this shell', async () => {
    process.env['LEAKED_FROM_THE_SHELL'] = '1';
    try {
      const env = await environmentOf({});
      assert.equal(env['LEAKED_FROM_THE_SHELL'], undefined);
      assert.equal(env['TF_BUILD'], 'True');
      assert.equal(env['agent.jobstatus'], 'Succeeded');
      assert.equal(env['AGENT_JOBSTATUS'], 'Succeeded');
      assert.equal(env['SYSTEM_HOSTTYPE'], 'build');
      assert.match(String(env['AGENT_VERSION']), /^5\./);
      assert.match(String(env['AGENT_TEMPDIRECTORY']), /_work\/_temp$/);
      assert.match(String(env['SYSTEM_JOBID']), /^[0-9a-f]{8}-[0-9a-f]{4}-5/);
      assert.notEqual(env['HOME'], process.env['HOME']);
    } finally {
      delete process.env['LEAKED_FROM_THE_SHELL'];
    }
  });

  it('in the order env block, variables, inputs', async () => {
    const step = { env: { COLOUR: 'env $(n)', INPUT_A: 'env', SECRET_WORD: 'env' }, inputs: { a: 'input' } };
    const variables = {
      colour: 'variable',
      input_a: 'variable',
      n: '1',
      word: { value: 'w-o-r-d', isSecret: true },
    };
    const env = await environmentOf(step, {}, { variables });
    assert.equal(env['COLOUR'], 'variable');
    assert.equal(env['INPUT_A'], 'input');
    assert.equal(env['SECRET_WORD'], 'w-o-r-d');
    assert.equal((await environmentOf({ env: { OWN: ' e$(n) ' } }, {}, { variables }))['OWN'], 'e1');
  });

  it('with the job token always, and a service connection only where an input names it', async () => {
    const serviceConnections = {
      used: {
        id: 'ABCDEF01-0000-4000-8000-000000000001',
        url: 'http://127.0.0.1:9/u',
        scheme: 'Token',
        parameters: { apiToken: 't-1' },
        data: { 'my.key': 'k' },
      },
      other: {
        id: 'abcdef01-0000-4000-8000-000000000002',
        url: 'http://127.0.0.1:9/o',
        scheme: 'None',
        parameters: {},
      },
    };
    const json = inputs({ name: 'to', type: 'connectedService:x' }, { name: 'text' });
    const env = await environmentOf({ inputs: { to: 'Used', text: serviceConnections.other.id } }, json, {
      serviceConnections,
      jobToken: 'jt',
    });
    const id = 'abcdef01-0000-4000-8000-000000000001';
    assert.equal(env['INPUT_TO'], id);
    assert.equal(env[`ENDPOINT_URL_${id}`], 'http://127.0.0.1:9/u');
    assert.deepEqual(JSON.parse(String(env[`ENDPOINT_AUTH_${id}`])), {
      parameters: { apiToken: 't-1' },
      scheme: 'Token',
    });
    assert.equal(env[`ENDPOINT_AUTH_SCHEME_${id}`], 'Token');
    assert.equal(env[`ENDPOINT_AUTH_PARAMETER_${id}_APITOKEN`], 't-1');
    assert.equal(env[`ENDPOINT_DATA_${id}`], '{"my.key":"k"}');
    assert.equal(env[`ENDPOINT_DATA_${id}_MY_KEY`], 'k');
    assert.deepEqual(
      Object.keys(env).filter(name => name.endsWith('000002')),
      [],
    );
    assert.equal(env['ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN'], 'jt');
    assert.equal(env['ENDPOINT_URL_SYSTEMVSSCONNECTION'], 'http://127.0.0.1:9/contoso/');
    assert.equal(env['ENDPOINT_DATA_SYSTEMVSSCONNECTION'], undefined);
    assert.equal(env['SECRET_SYSTEM_ACCESSTOKEN'], 'jt');
  });

  it('not at all when it names a service connection that does not exist', async () => {
    const json = inputs({ name: 'to', type: 'connectedService:x' });
    const job = await run([{ name: 'One', main: dump, json }], [{ task: 'One@1', inputs: { to: 'nobody' } }]);
    assert.equal(job.result, 'Failed');
    assert.equal(job.started, false);
    assert.match(
      job.issues[0]?.message ?? '',
      /Step One1 input to references service connection nobody which could not be found\./,
    );
  });

  it('with the proxy and the certificates of the agent', async () => {
    const env = await environmentOf(
      {},
      {},
      {
        proxy: {
          url: 'http://127.0.0.1:8888',
          username: 'u',
          password: 'proxy-pass',
          bypass: ['^internal\\.'],
        },
        caFile: '/etc/ca.pem',
      },
    );
    assert.equal(env['AGENT_PROXYURL'], 'http://127.0.0.1:8888');
    assert.equal(env['AGENT_PROXYUSERNAME'], 'u');
    assert.equal(env['SECRET_AGENT_PROXYPASSWORD'], 'proxy-pass');
    assert.equal(env['AGENT_PROXYBYPASSLIST'], '["^internal\\\\."]');
    assert.equal(env['AGENT_CAINFO'], '/etc/ca.pem');
    assert.equal(env['HTTP_PROXY'], undefined);
  });

  it('of a release, where artifacts and their host differ', async () => {
    const env = await environmentOf(
      {},
      {},
      { hostType: 'release', collectionUrl: 'https://dev.azure.com/contoso' },
    );
    assert.equal(env['SYSTEM_HOSTTYPE'], 'release');
    assert.match(String(env['SYSTEM_DEFAULTWORKINGDIRECTORY']), /_work\/r1\/a$/);
    assert.equal(env['AGENT_RELEASEDIRECTORY'], env['SYSTEM_DEFAULTWORKINGDIRECTORY']);
    assert.equal(env['BUILD_SOURCESDIRECTORY'], undefined);
    assert.match(String(env['RELEASE_RELEASEID']), /^\d+$/);
    assert.equal(env['SYSTEM_TEAMFOUNDATIONSERVERURI'], 'https://vsrm.dev.azure.com/contoso/');
    assert.equal(env['SYSTEM_TEAMFOUNDATIONCOLLECTIONURI'], 'https://dev.azure.com/contoso/');
    assert.equal(env['ENDPOINT_URL_SYSTEMVSSCONNECTION'], 'https://vsrm.dev.azure.com/contoso/');
    assert.match(
      String(env['SYSTEM_OIDCREQUESTURI']),
      /^https:\/\/vsrm\.dev\.azure\.com\/contoso\/.*\/hubs\/release\//,
    );
  });

  it('of a job for a deployment group, which is a release of another kind', async () => {
    const env = await environmentOf({}, {}, { hostType: 'deployment' });
    assert.equal(env['SYSTEM_HOSTTYPE'], 'deployment');
    assert.match(String(env['RELEASE_RELEASEID']), /^\d+$/);
  });

  it('with the results so far and the task variables of its own step in the post-job', async () => {
    const main = `say('##vso[task.settaskvariable variable=my.state;issecret=true]kept-here'); process.exit(1);`;
    const task = { name: 'One', main, post: dump };
    const job = await run(
      [task, { name: 'Two', post: 'say(String(process.env.VSTS_TASKVARIABLE_MY_STATE))' }],
      [{ task: 'One@1' }, { task: 'Two@1' }],
    );
    const env = printed(job, 'env');
    assert.ok(isJsonObject(env));
    assert.equal(env['VSTS_TASKVARIABLE_MY_STATE'], 'kept-here');
    assert.equal(env['AGENT_JOBSTATUS'], 'Failed');
    assert.ok(stageOf(job, 'Two1', 'post').log.includes('undefined'));
    assert.deepEqual(stageOf(job, 'One1').taskVariables, ['my.state']);
  });

  it('with the same instance id in all stages of a step', async () => {
    const say = 'say("id " + process.env.SYSTEM_TASKINSTANCEID)';
    const job = await run([{ name: 'One', pre: say, main: say, post: say }], [{ task: 'One@1' }]);
    const ids = job.log.match(/^id .+$/gm) ?? [];
    assert.equal(ids.length, 3);
    assert.equal(new Set(ids).size, 1);
  });
});

describe('a handler is chosen', () => {
  const definition = (execution: object) =>
    parseTaskDefinition(
      JSON.stringify({ id: 'x', name: 'X', version: { Major: 1, Minor: 0, Patch: 0 }, execution }),
      'task.json',
    );

  it('by the order of the agent, whatever the order in task.json', () => {
    const { stages } = definition({
      Node10: { target: 'a' },
      Node20_1: { target: 'b' },
      Node24: { target: 'c' },
    });
    assert.equal(chooseHandler(stages.main ?? [], 'linux')?.target, 'c');
  });

  it('on Windows first among those made for it', () => {
    const { stages } = definition({
      Node24: { target: 'c' },
      PowerShell3: { target: 'p', platforms: ['windows'] },
    });
    assert.equal(chooseHandler(stages.main ?? [], 'win32')?.target, 'p');
    assert.equal(chooseHandler(stages.main ?? [], 'linux')?.target, 'c');
  });

  it('among those the agent knows: others are dropped, and the step fails where none is left', async () => {
    assert.deepEqual(definition({ Node20: { target: 'a' } }).unknownHandlers, ['execution.Node20']);
    const job = await run(
      [{ name: 'One', json: { execution: { Node20: { target: 'main.js' } } } }],
      [{ task: 'One@1' }],
    );
    assert.match(
      stageOf(job, 'One1').issues[0]?.message ?? '',
      /^A supported task execution handler was not found/,
    );
  });
});
