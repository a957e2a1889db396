import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageFiles, run, temporaryFolder, zip } from './fixture-package.js';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the agent's command in a folder of its own with a package in dist/ and this pipeline file. */
async function agent(
  pipeline: string,
  args: readonly string[],
  onOutput?: (pid: number, text: string) => void,
): Promise<Ended> {
  const folder = await temporaryFolder();
  const task = {
    name: 'One',
    main: `say('##vso[task.logissue type=warning]careful');
      const id = process.env.INPUT_TO;
      say(['signs in by', process.env['ENDPOINT_AUTH_SCHEME_' + id], process.env['ENDPOINT_DATA_' + id]].join(' '));`,
    post: `say('tidy');`,
    json: { inputs: [{ name: 'to', label: 'x', type: 'connectedService:x' }] },
  };
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'dist', 'fixtures.vsix'), zip(packageFiles([task])));
  await writeFile(join(folder, 'pipeline.yml'), pipeline);
  const main = join(import.meta.dirname, '../../../scripts/agent.ts');
  const vsix = join(folder, 'dist', 'fixtures.vsix');
  const child = spawn(process.execPath, ['--import', tsx, main, 'pipeline.yml', '--vsix', vsix, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (child.pid !== undefined) onOutput?.(child.pid, output);
    });
  }
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  return { code, output };
}

const address = ['--collection-url', 'http://127.0.0.1:9/contoso'];

describe('the agent in a terminal', function () {
  this.timeout(20_000);
  it('shows the log live under a banner for each stage, and ends with a table', async () => {
    const { code, output } = await agent('steps:\n- task: One@1\n- bash: echo $(a)\n', [
      ...address,
      '--variable',
      'a=b c',
    ]);
    assert.equal(code, 0);
    assert.match(
      output,
      /── One friendly ─+\n[\s\S]*warning: careful\n[\s\S]*── CmdLine1 ─+\n[\s\S]*b c\n[\s\S]*── Post-job: One friendly ─+\n[\s\S]*tidy/,
    );
    assert.match(output, /│ step +│ result +│ +time │ issues │/);
    assert.match(output, /│ One friendly +│ succeeded +│ +\d\.\d\d s │ +1 │/);
  });

  it('starts its own organization where none is given', async () => {
    const { code, output } = await agent('steps:\n- bash: echo "at $(System.CollectionUri)"\n', []);
    assert.equal(code, 0);
    assert.match(output, /at http:\/\/127\.0\.0\.1:\d+\/contoso\//);
  });

  for (const [mode, said] of [
    ['refresh-token', /signs in by Token (?!.*clientProof)/],
    ['federation', /signs in by Token .*"clientProof":"federation"/],
    ['agent-user', /signs in by None .*"agentIdentityId":"[^"]+","agentUser":"[^"]+"/],
  ] as const) {
    it(`gives its own organization a connection that signs in by ${mode}`, async () => {
      const pipeline = 'steps:\n- task: One@1\n  inputs: { to: PAT issuer }\n';
      const { code, output } = await agent(pipeline, ['--sign-in', mode]);
      assert.equal(code, 0, output);
      assert.match(output, said);
    });
  }

  it('exits with 1 where the run fails, and masks a secret', async () => {
    const { code, output } = await agent('steps:\n- bash: echo "<$(word)>"; exit 1\n', [
      ...address,
      '--secret',
      'word=open-sesame',
    ]);
    assert.equal(code, 1);
    assert.match(output, /<\*\*\*>/);
    assert.match(output, /--secret are visible to other programs/);
    assert.doesNotMatch(output, /open-sesame/);
  });

  it('says what is wrong with a file or an option', async () => {
    const wrong = await agent('steps:\n- bash: x\n  colour: red\n', address);
    assert.equal(wrong.code, 1);
    assert.match(wrong.output, /^pipeline\.yml:3: 'colour' is not known/);
    const option = await agent('steps: []', ['--variable', 'nothing']);
    assert.match(option.output, /It is name=value\./);
  });

  it('reads service connections from files', async () => {
    const { code, output } = await agent('steps: []', [...address, '--connection', 'c=dist/fixtures.vsix']);
    assert.equal(code, 1);
    assert.match(output, /dist\/fixtures\.vsix is not JSON/);
  });

  it('cancels the run at Ctrl+C, post-jobs included', async () => {
    let interrupted = false;
    const { code, output } = await agent(
      'steps:\n- task: One@1\n- bash: echo ready; exec sleep 60\n',
      address,
      (pid, text) => {
        if (interrupted || !/^ready$/m.test(text)) return;
        interrupted = true;
        process.kill(pid, 'SIGINT');
      },
    );
    assert.equal(code, 1);
    assert.match(output, /The run is being canceled/);
    assert.match(output, /tidy/);
    assert.match(output, /│ CmdLine1 +│ canceled/);
  });
});

describe('a release', () => {
  it('prints its public variables, takes no artifact, and keeps the token from scripts', async () => {
    const main = `say('##vso[artifact.upload containerfolder=a;artifactname=b]/etc/hostname'); say('##vso[build.addbuildtag]t');`;
    const job = await run([{ name: 'One', main }], [{ task: 'One@1' }], {
      hostType: 'release',
      jobToken: 'the-job-token',
    });
    assert.match(job.log, /^\[Release\.ReleaseName\] --> \[Release-\d+\]$/m);
    assert.equal(job.result, 'Failed');
    assert.deepEqual(job.buildTags, ['t']);
    assert.equal(job.variables['System.AccessToken'], undefined);
  });
});
