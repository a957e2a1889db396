import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsInFile } from '../../../scripts/agent/header.js';

describe('The options that a pipeline file gives for its run on this machine', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'job-pat-header-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function optionsOf(text: string): string[] {
    const file = join(folder, 'pipeline.yml');
    writeFileSync(file, text);
    return optionsInFile(file);
  }

  it('stand in comments at its top, one or more', () => {
    const text =
      '# A release.\n# npm run agent: --host-type release\n#npm run agent: --variable "a=b c"\n\nsteps: []\n';
    assert.deepEqual(optionsOf(text), ['--host-type', 'release', '--variable', 'a=b c']);
  });

  it('are none where it says nothing, or only later', () => {
    assert.deepEqual(optionsOf('# npm run agent -- examples/a.yml runs it\nsteps: []\n'), []);
    assert.deepEqual(optionsOf('steps: []\n# npm run agent: --host-type release\n'), []);
  });

  for (const option of [
    '--vsix=x',
    '--secret a=b',
    '--collection-url https://dev.azure.com/a',
    '--connection a=b',
    '--node x',
  ])
    it(`do not say where to go or with what: ${option}`, () => {
      assert.throws(
        () => optionsOf(`# npm run agent: ${option}\n`),
        /pipeline\.yml:1: a file may give --host-type, .*, not --/,
      );
    });
});
