import { transform } from 'esbuild';
import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { bundleOf, stageEntry } from '../../../scripts/stage-entry.js';

/** Runs the entry file of a stage on a Node.js of some version. */
function run(stage: string, version: string, load: (path: string) => void = () => undefined) {
  const lines: string[] = [];
  const loaded: string[] = [];
  const found: { canParse?: unknown; hasOwn?: unknown } = {};
  class OldUrl extends URL {
    static override canParse: typeof URL.canParse;
  }
  Object.defineProperty(OldUrl, 'canParse', { value: undefined, writable: true });
  runInNewContext(stageEntry(stage), {
    process: { versions: { node: version } },
    URL: OldUrl,
    console: { log: (line: string) => lines.push(line) },
    require: (path: string) => {
      loaded.push(path);
      found.canParse = OldUrl.canParse;
      load(path);
    },
  });
  return { output: lines.join('\n'), loaded, found };
}

describe('The entry file of a stage', () => {
  for (const version of ['20.0.0', '20.20.2', '24.1.0'])
    it(`loads the bundle on Node ${version}`, () => {
      const { output, loaded } = run('main', version);
      assert.deepEqual(loaded, [`./${bundleOf('main')}.js`]);
      assert.equal(output, '');
    });

  for (const version of ['6.17.1', '10.24.1', '16.20.2', '18.20.4'])
    it(`ends the main stage on Node ${version} with one sentence that names it, and loads nothing`, () => {
      const { output, loaded } = run('main', version);
      assert.deepEqual(loaded, []);
      assert.match(output, /task\.complete result=Failed;\]This step runs on Node\.js /);
      assert.ok(output.includes(`Node.js ${version}, and Job PAT needs 20 or later`), output);
    });

  it('revokes after the job on Node 16 all the same, with what it lacks put in', () => {
    const { output, loaded, found } = run('post', '16.20.2');
    assert.deepEqual(loaded, [`./${bundleOf('post')}.js`]);
    assert.equal(typeof found.canParse, 'function');
    assert.match(output, /type=warning.*Node\.js 16\.20\.2/);
    assert.doesNotMatch(output, /task\.complete/);
  });

  it('says after the job that a PAT stays alive where the bundle is no program', () => {
    const { output } = run('post', '10.24.1', () => {
      throw new SyntaxError('Unexpected token');
    });
    assert.match(output, /task\.complete result=SucceededWithIssues.*stays alive/);
  });

  for (const stage of ['main', 'post'])
    it(`is a program for every Node: ${stage}`, async () => {
      await transform(stageEntry(stage), { target: 'es5' });
    });
});
