import assert from 'node:assert/strict';
import { startEmulator } from '#emulator/index';
import {
  agentUserConnection,
  emulatedRun,
  federatedConnection,
  issuerConnectionName,
} from '#local-agent/emulated-run';
import { isJsonObject } from '#local-agent/json';
import type { HandedJob } from '#local-agent/index';
import { printed, run } from './fixture-package.js';

const json = {
  inputs: [
    { name: 'to', label: 'x', type: 'connectedService:x' },
    { name: 'text', label: 'x', type: 'string' },
  ],
};
const task = { name: 'One', main: 'say("env=" + JSON.stringify(process.env));', json };
const named = { id: 'abcdef01-0000-4000-8000-000000000001', url: 'http://127.0.0.1:9/u', scheme: 'Token' };
const serviceConnections = {
  named: { ...named, parameters: { apitoken: 't' } },
  other: { ...named, id: 'abcdef01-0000-4000-8000-000000000002', parameters: {} },
};

describe('The server hands a job to the agent', () => {
  it('with the connections that inputs of its tasks name, and with no other', async () => {
    const jobs: HandedJob[] = [];
    const steps = [
      { task: 'One@1', inputs: { to: 'named', text: serviceConnections.other.id } },
      { task: 'One@1', enabled: false, inputs: { to: 'other' } },
    ];
    const job = await run([task], steps, {
      serviceConnections,
      jobToken: 'the-token',
      variables: { 'System.TeamProject': 'Our project', 'System.TeamProjectId': 'the-id' },
      onJob: handed => jobs.push(handed),
    });
    const env = printed(job, 'env');
    assert.ok(isJsonObject(env));
    const planId = jobs[0]?.planId ?? '';
    const jobId = jobs[0]?.jobId ?? '';
    assert.deepEqual(jobs, [
      {
        token: 'the-token',
        project: { id: 'the-id', name: 'Our project' },
        hub: 'build',
        planId,
        jobId,
        pipeline: 'pipeline',
        stage: '__default',
        name: 'Job',
        connections: [{ id: named.id, name: 'named' }],
      },
    ]);
    assert.equal(
      env['SYSTEM_OIDCREQUESTURI'],
      `http://127.0.0.1:9/contoso/the-id/_apis/distributedtask/hubs/build/plans/${planId}/jobs/${jobId}/oidctoken`,
    );
  });

  it('of a classic release from the hub of releases', async () => {
    const jobs: HandedJob[] = [];
    await run([task], [{ task: 'One@1' }], { hostType: 'release', onJob: handed => jobs.push(handed) });
    assert.deepEqual([jobs[0]?.hub, jobs[0]?.connections], ['release', []]);
  });

  it('so that the stand-in knows it, and gives it the token of its own connection', async () => {
    const emulator = await startEmulator();
    const main = `
      const id = process.env.INPUT_TO;
      const url = process.env.SYSTEM_OIDCREQUESTURI + '?api-version=7.1&serviceConnectionId=' + id;
      const headers = { Authorization: 'Bearer ' + process.env.ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN };
      fetch(url, { method: 'POST', headers }).then(answer => say('status=' + answer.status));`;
    try {
      const job = await run([{ ...task, main }], [{ task: 'One@1', inputs: { to: issuerConnectionName } }], {
        ...emulatedRun(emulator, {}, 'federation'),
      });
      assert.equal(printed(job, 'status'), 200);
      const { claims } = emulator.oidc.issued[0] ?? {};
      assert.equal(claims?.['sub'], 'sc://contoso/sample/PAT issuer');
    } finally {
      await emulator.close();
    }
  });

  it('with a connection that stores no secret of an application, or no secret at all', async () => {
    const emulator = await startEmulator();
    try {
      for (const [connection, secrets] of [
        [federatedConnection(emulator), ['APITOKEN']],
        [agentUserConnection(emulator), []],
      ] as const) {
        const { id = '' } = connection;
        const job = await run([task], [{ task: 'One@1', inputs: { to: 'c' } }], {
          serviceConnections: { c: connection },
        });
        const env = printed(job, 'env');
        assert.ok(isJsonObject(env));
        assert.deepEqual(
          Object.keys(env).filter(name => name.startsWith(`ENDPOINT_AUTH_PARAMETER_${id}`)),
          secrets.map(name => `ENDPOINT_AUTH_PARAMETER_${id}_${name}`),
        );
        assert.equal(env[`ENDPOINT_AUTH_SCHEME_${id}`], connection.scheme);
        assert.deepEqual(JSON.parse(String(env[`ENDPOINT_DATA_${id}`])), connection.data);
      }
    } finally {
      await emulator.close();
    }
  });
});
