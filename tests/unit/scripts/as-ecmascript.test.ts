import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { asEcmaScript } from '../../../scripts/as-ecmascript.js';

const library = join(import.meta.dirname, '..', '..', '..', 'node_modules', 'azure-pipelines-task-lib');

describe('A module of CommonJS as ECMAScript', () => {
  for (const name of ['task.js', 'internal.js', 'taskcommand.js']) {
    it(`exports all that task-lib's ${name} exports`, async () => {
      const source = await readFile(join(library, name), 'utf8');
      const { code } = await transform(asEcmaScript(source, name), { format: 'esm', minifyWhitespace: true });
      const exported = new Set(
        [...code.matchAll(/export\{([^}]*)\}/g)].flatMap(([, names = '']) => names.split(',')),
      );
      for (const [, inline = ''] of code.matchAll(/export (?:var|let|const|function) ?(\w+)/g))
        exported.add(inline);
      const promised = [...source.matchAll(/^exports\.(\w+) = (?!exports|void)/gm)].map(
        ([, one = '']) => one,
      );
      assert.ok(promised.length > 1);
      assert.deepEqual(
        promised.filter(one => !exported.has(one)),
        [],
      );
    });
  }

  it('is refused where it is written in another way than TypeScript writes it', () => {
    for (const source of ['module.exports = 1;', 'Object.assign(exports, { one: 1 });'])
      assert.throws(() => asEcmaScript(source, 'other.js'), /^Error: other\.js is not written as TypeScript/);
  });
});
