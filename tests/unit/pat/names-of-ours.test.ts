import assert from 'node:assert/strict';
import { rotatedNameOf } from '#pat/generations';
import { namesOfOurs } from '#pat/names-of-ours';
import { labelFault } from '#pat/pat-name';
import { readJobPatName } from '#pat/run-name';
import { readTerminalPatName } from '#pat/terminal-name';

const [builds = [], releases = [], generations = [], terminals = []] = namesOfOurs();
const labels = [builds, releases, generations, terminals]
  .flat()
  .map(name => name.split(' job-pat:')[0] ?? '');

describe('The names that stand for all that Job PAT gives', () => {
  it('are such as it gives, of each kind', () => {
    assert.ok(builds.every(name => readJobPatName(name)?.host === 'build'));
    assert.ok(releases.every(name => readJobPatName(name)?.host === 'release'));
    assert.ok(generations.every(name => rotatedNameOf(name) !== undefined));
    assert.ok(terminals.every(name => readTerminalPatName(name) !== undefined));
    assert.deepEqual(labels.map(labelFault).filter(Boolean), []);
  });

  it('are 32 of each kind, none twice, and the same ones each time', () => {
    assert.deepEqual(
      namesOfOurs().map(names => new Set(names).size),
      [32, 32, 32, 32],
    );
    assert.deepEqual(namesOfOurs()[0], builds);
  });

  it('have labels of one to three words, in which every sign and every case stands', () => {
    const words = labels.map(label => label.split(/[ ./_-]/));
    assert.deepEqual(new Set(words.map(({ length }) => length)), new Set([1, 2, 3]));
    assert.ok(words.flat().every(word => /^[A-Za-z][a-z]{2,7}$/.test(word)));
    for (const sign of ' -./_')
      assert.ok(
        labels.some(label => label.includes(sign)),
        sign,
      );
    const capital = words.flat().filter(word => /^[A-Z]/.test(word)).length;
    const all = words.flat().length;
    assert.ok(capital > all / 4 && capital < (3 * all) / 4, `${capital} of ${all}`);
  });

  it('tell times of many years', () => {
    const years = new Set(terminals.map(name => readTerminalPatName(name)?.time.getUTCFullYear()));
    assert.ok(years.size > 10, [...years].join());
  });
});
