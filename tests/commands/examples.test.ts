import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import pLimit from 'p-limit';
import { examplesIn, indexOf } from '../../scripts/agent/example-list.js';
import { root } from '../../scripts/paths.js';
import { azureDevOpsExtension, mavenPlugins, needs } from '../unit/emulator/real-tools.js';
import { type Ended, npmRun } from './npm-command.js';

const folder = join(root, 'examples');
const files = readdirSync(folder).filter(name => /\.ya?ml$/.test(name));

/** What the log of each says when its tasks did their work in the furnished stand-in. */
const works: Readonly<Record<string, readonly RegExp[]>> = {
  'quickstart.yml': [/^[0-9a-f]{7,} Say hello$/m, revoked(1)],
  'ready-git.yml': [/^Author: PAT issuer <[^]*^ +Generate$/m, revoked(1)],
  'ready-npm.yml': [/^1\.0\.0$/m, revoked(1)],
  'ready-pip.yml': [/^Successfully installed hello-feed-1\.0\.0$/m, revoked(1)],
  'ready-nuget.yml': [/hello-feed/, revoked(1)],
  'ready-maven.yml': [/BUILD SUCCESS/, revoked(1)],
  'ready-az.yml': [/^ +"id": 4711,$/m, revoked(1)],
  'push.yml': [/^Issued PAT "push .*: vso\.code_write,/m, revoked(1)],
  'npm.yml': [/^1\.0\.0$/m, revoked(1)],
  'rest.yml': [/"name":"sample"/, /^Used PAT [0-9a-f-]{36}, which ends at \d{4}-/m, revoked(1)],
  'several-organizations.yml': [/"name":"sample"[^]*"name":"sample"/, revoked(2)],
  'shared-pat.yml': [/^[0-9a-f]{7,} Say hello$/m, /^1 revoked, 0 kept, 0 failed\.$/m],
  'classic-release.yml': [/^Issued PAT "Release \d+ job-pat:release\//m, /"name":"sample"/, revoked(1)],
  'clean-up-stage.yml': [/^1 revoked, 0 kept, 0 failed\.$/m, revoked(1)],
  'nightly-reaper.yml': [/^7 revoked, 2 kept, 0 failed\.\n[^]*^7 revoked, 2 kept, 0 failed\.$/m],
  'nightly-rotation.yml': [/^Rotated true, the PAT ends \d{4}-/m],
  'rotation-plan.yml': [
    /^rotated +Nightly mirror +variable group "deploy", GIT_PAT/m,
    /^rotated +Feed for the shops +service connection "Azure Artifacts"/m,
    /^rotated +Dashboard +secret "dashboard-pat"/m,
  ],
  'rotation-that-others-notice.yml': [/^Started pipeline "Restart mirror": run \d+\.$/m],
  'renew-issuer.yml': [/^Renewed /m, revoked(1)],
  'weekly-audit.yml': [
    /^40 PATs: 24 active, 8 expired, 8 revoked\. [1-9]\d* errors/m,
    /^findings\.sarif\ninventory\.csv\ninventory\.json$/m,
    /^PATs 40, active 24, errors [1-9]/m,
  ],
  'audit-gate.yml': [/^40 PATs: /m, /^The gate is open, [1-9]\d* findings are excepted\.$/m],
  'doctor.yml': [/^Issued Doctor job-pat:build\//m, revoked(1)],
};

/** Programs and folders without which an example cannot run. */
const needed: Readonly<Record<string, readonly string[]>> = {
  'ready-pip.yml': ['pip'],
  'ready-nuget.yml': ['dotnet'],
  'ready-maven.yml': ['mvn', mavenPlugins],
  'ready-az.yml': ['az', azureDevOpsExtension],
};

/** So many PATs were issued, and all of them were revoked. */
function revoked(count: number): RegExp {
  return new RegExp(`^(?:[^]*^Revoked PAT "){${count}}`, 'm');
}

describe('The recommended command, npm run agent -- examples/NAME.yml,', function () {
  this.timeout(600_000);
  // Two at a time: each is a few processes, which mostly start.
  const ended = new Map<string, Promise<Ended>>();
  before(() => {
    const limit = pLimit(2);
    for (const file of files) {
      const run = limit(() => npmRun('agent', `examples/${file}`));
      ended.set(file, run);
    }
  });

  for (const file of files) {
    it(`runs ${file}, and its tasks do their work`, async function () {
      needs(this, ...(needed[file] ?? []));
      const expected = works[file] ?? assert.fail(`Nothing says yet what examples/${file} has to do.`);
      const { code, output } = (await ended.get(file)) ?? assert.fail();
      const text = stripVTControlCharacters(output);
      assert.equal(code, 0, text);
      assert.match(text, /^succeeded$/m);
      for (const said of expected) assert.match(text, said);
      assert.doesNotMatch(text, /^(?:error|warning): |A secret (?:was left|stands)|outlived/m);
    });
  }

  it('lists them, one line each', async () => {
    const { code, output } = await npmRun('agent', 'examples');
    assert.equal(code, 0);
    for (const { file, shows } of examplesIn(folder)) assert.match(output, line(file, shows));
    assert.ok(output.split('\n').every(text => text.length <= 80));
  });

  it('says of a file that is not there where others are', async () => {
    const { code, output } = await npmRun('agent', 'examples/quick-start.yml');
    assert.equal(code, 1);
    assert.match(
      output,
      /^There is no file examples\/quick-start\.yml\. See what there is: npm run agent -- examples$/m,
    );
  });
});

function line(file: string, shows: string): RegExp {
  return new RegExp(
    `^ {2}${file.replaceAll('.', '\\.')} +${shows.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`,
    'm',
  );
}

describe('The index of the examples', () => {
  const index = indexOf(readFileSync(join(folder, 'README.md'), 'utf8'));

  for (const file of files) {
    it(`has one entry for ${file}, which fits a line of the list`, () => {
      const entries = index.filter(entry => entry.file === file);
      assert.equal(entries.length, 1, `examples/README.md has to say what ${file} shows.`);
      const length = entries[0]?.shows.length ?? 0;
      assert.ok(length > 0 && length <= 45, `${length} letters`);
    });
  }

  it('names no file that is not there', () => {
    assert.deepEqual(
      index.map(({ file }) => file).filter(file => !files.includes(file)),
      [],
    );
  });
});
