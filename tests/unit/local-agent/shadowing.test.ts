import assert from 'node:assert/strict';
import { isJsonObject } from '#local-agent/json';
import { printed, run, stageOf } from './fixture-package.js';

const dump = 'say("env=" + JSON.stringify(process.env));';
const id = '1c1c1c1c-0000-4000-8000-000000000001';
const issuer = { id, url: 'https://input.example/', scheme: 'Token', parameters: {}, data: { a: 'input' } };
const json = {
  inputs: [
    { name: 'a', label: 'x', type: 'string' },
    { name: 'to', label: 'x', type: 'connectedService:x' },
  ],
};

function environmentIn(job: Awaited<ReturnType<typeof run>>): Readonly<Record<string, unknown>> {
  const env = printed(job, 'env');
  assert.ok(isJsonObject(env));
  return env;
}

describe('a variable that is named like an input or a connection', () => {
  for (const [agentVersion, wins] of [
    ['4.275.0', 'variable'],
    ['5.276.0', 'variable'],
    ['5.277.0', 'input'],
  ] as const) {
    const shadows = wins === 'variable' ? 'stands in for it' : 'does not stand in for it';

    it(`${shadows} on agent ${agentVersion}, and its true name is told`, async () => {
      const variables = { 'Input.A': 'variable', 'VSTS.TaskVariable.B': 'variable' };
      const steps = [{ task: 'One@1', inputs: { a: 'input' } }];
      const job = await run([{ name: 'One', main: dump, json }], steps, { agentVersion, variables });
      const env = environmentIn(job);
      assert.equal(env['INPUT_A'], wins);
      assert.equal(env['VSTS_TASKVARIABLE_B'], 'variable');
      const names: unknown = JSON.parse(String(env['VSTS_PUBLIC_VARIABLES']));
      assert.ok(Array.isArray(names) && Object.keys(variables).every(name => names.includes(name)));
    });

    it(`${shadows} on agent ${agentVersion} where a connection's id keeps its case`, async () => {
      const name = `ENDPOINT_DATA_${id}_A`;
      const main = `say('##vso[task.setvariable variable=${name};preservecase=true]variable');`;
      const tasks = [
        { name: 'Zero', main },
        { name: 'One', main: dump, json },
      ];
      const steps = [{ task: 'Zero@1' }, { task: 'One@1', inputs: { to: 'issuer' } }];
      const job = await run(tasks, steps, { agentVersion, serviceConnections: { issuer } });
      assert.equal(environmentIn(job)[name], wins);
    });
  }

  it('has no null character: a newer agent refuses it, an older one ends there', async () => {
    const tasks = [
      { name: 'Zero', main: `say('##vso[task.setvariable variable=v]a\\0b');` },
      { name: 'One', main: dump },
    ];
    const steps = [{ task: 'Zero@1' }, { task: 'One@1' }];
    assert.match(stageOf(await run(tasks, steps), 'One1').issues[0]?.message ?? '', /null character/);
    assert.equal(environmentIn(await run(tasks, steps, { agentVersion: '5.277.0' }))['V'], 'a');
  });
});
