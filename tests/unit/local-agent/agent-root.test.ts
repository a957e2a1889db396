import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JobOptions } from '#local-agent/index';
import { chooseNode } from '#local-agent/node-selection';
import { printed, run, stageOf, temporaryFolder } from './fixture-package.js';

const places = `say('places=' + JSON.stringify({ node: process.execPath, home: process.env.AGENT_HOMEDIRECTORY }));`;

interface Places {
  readonly node: string;
  readonly home: string;
}

/** Four folders above the binary: `<root>/externals/<folder>/bin/node`. */
function rootOf(node: string): string {
  return dirname(dirname(dirname(dirname(node))));
}

describe('the root of the agent', () => {
  async function rootAfter(options: Partial<JobOptions>): Promise<{ root: string; seen: Places }> {
    const workFolder = await temporaryFolder();
    const job = await run([{ name: 'One', main: places }], [{ task: 'One@1' }], { workFolder, ...options });
    assert.equal(job.result, 'Succeeded', job.log);
    return { root: workFolder, seen: printed(job, 'places') as Places };
  }
  const configured = (root: string, name: string) => readFile(join(root, name), 'utf8');

  it('holds the Node.js that runs a task', async () => {
    const { root, seen } = await rootAfter({});
    assert.equal(rootOf(seen.node), root);
    assert.equal(seen.home, root);
    assert.match(seen.node, /externals\/node20_1\/bin\/node$/);
  });

  it('names in .certificates what the agent was configured with, and nothing that a variable says', async () => {
    const clientCertificate = { certificate: '/c.pem', key: '/k.pem', archive: '/c.pfx', password: 'open' };
    const { root } = await rootAfter({ caFile: '/ca.pem', clientCertificate, skipCertificateCheck: true });
    const { clientCertPasswordLookupKey, ...rest } = JSON.parse(await configured(root, '.certificates')) as {
      clientCertPasswordLookupKey: unknown;
    };
    assert.match(String(clientCertPasswordLookupKey), /^[0-9A-F-]{36}$/);
    assert.deepEqual(rest, {
      skipServerCertValidation: true,
      caCert: '/ca.pem',
      clientCert: '/c.pem',
      clientCertPrivatekey: '/k.pem',
      clientCertArchive: '/c.pfx',
    });
    const forged = await rootAfter({ variables: { 'Agent.CAInfo': '/ca.pem' } });
    assert.equal(existsSync(join(forged.root, '.certificates')), false);
  });

  it('names the proxy in its files, unless the agent has it from its environment', async () => {
    const proxy = { url: 'http://proxy.example:3128', bypass: ['\\.corp$', '^https://x'] };
    const { root } = await rootAfter({ proxy: { ...proxy, basicAuthentication: true } });
    assert.equal(await configured(root, '.proxy'), 'http://proxy.example:3128\nbasicauth=true');
    assert.equal(await configured(root, '.proxybypass'), '\\.corp$\n^https://x\n');
    const fromEnvironment = await rootAfter({ proxy: { ...proxy, from: 'environment' } });
    assert.equal(existsSync(join(fromEnvironment.root, '.proxy')), false);
  });

  it('cannot be seen from a container, whose Node.js lies elsewhere', async () => {
    const main = `
      ${places}
      const root = require('node:path').resolve(process.execPath, '../../../..');
      say('seen=' + JSON.stringify(require('node:fs').readdirSync(root)));
      say('names=' + JSON.stringify([process.env.OF_THE_AGENT ?? '', process.env.OF_THE_IMAGE ?? '']));`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }], {
      caFile: '/ca.pem',
      environment: { OF_THE_AGENT: 'x' },
      container: { environment: { OF_THE_IMAGE: 'y' } },
    });
    const { node, home } = printed(job, 'places') as Places;
    assert.equal(rootOf(node), home);
    assert.deepEqual(printed(job, 'seen'), ['externals']);
    assert.deepEqual(printed(job, 'names'), ['', 'y']);
  });

  it('may lack a Node.js, which fails the step', async () => {
    const job = await run([{ name: 'One', main: places }], [{ task: 'One@1' }], {
      nodes: { node20_1: null },
    });
    assert.match(stageOf(job, 'One1').issues[0]?.message ?? '', /node version that does not exist.*node20_1/);
  });
});

describe('the agent runs a handler', () => {
  const folder = (kind: 'Node24' | 'Node20_1' | 'Node16', on: readonly string[] = [], oldSystem = false) =>
    chooseNode(kind, name => on.includes(name), oldSystem);
  const handlerData = 'AGENT_USE_NODE24_WITH_HANDLER_DATA';

  it('for Node 24 with Node 20, unless a switch is on', () => {
    assert.deepEqual(folder('Node24'), { folder: 'node20_1' });
    assert.deepEqual(folder('Node24', [handlerData]), { folder: 'node24' });
    assert.deepEqual(folder('Node16'), { folder: 'node16' });
    assert.deepEqual(folder('Node16', ['AGENT_USE_NODE24']), { folder: 'node24' });
    assert.deepEqual(folder('Node24', ['AGENT_USE_NODE10', handlerData]), { folder: 'node10' });
  });

  it('with Node 16 on a system that is too old, where the folder was asked for', () => {
    assert.equal(folder('Node20_1', [], true).folder, 'node16');
    assert.match(folder('Node20_1', [], true).warning ?? '', /doesn't support Node20\. Using Node16/);
    assert.equal(folder('Node24', [handlerData], true).folder, 'node16');
    assert.deepEqual(folder('Node24', [], true), { folder: 'node20_1' });
  });

  it('with Node 24 always where old versions are forbidden, and with a false warning where they are not', () => {
    const enhanced = 'AGENT_USE_ENHANCED_NODE_SELECTION';
    assert.equal(folder('Node16', [enhanced, 'AGENT_RESTRICT_EOL_NODE_VERSIONS']).folder, 'node24');
    const chosen = folder('Node24', [enhanced]);
    assert.equal(chosen.folder, 'node20_1');
    assert.match(chosen.warning ?? '', /doesn't support Node24/);
  });

  it('with the binary of that folder, and tells a warning in the step', async () => {
    const job = await run([{ name: 'One', main: places }], [{ task: 'One@1' }], {
      oldSystem: true,
    });
    assert.match((printed(job, 'places') as Places).node, /externals\/node16\/bin\/node$/);
    assert.match(stageOf(job, 'One1').issues[0]?.message ?? '', /Using Node16 instead/);
  });
});
