import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { watchedOutput } from '../../../cli/output.js';
import { codeAfter } from '../../../cli/run-command.js';

const disk = (fault?: string) =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      done(fault === undefined ? null : new Error(fault));
    },
  });

describe('the exit code', () => {
  it('is that of the command, where all could be written', async () => {
    const stream = disk();
    const output = watchedOutput([stream]);
    stream.write('a result');
    assert.equal(await codeAfter(output, 0), 0);
  });

  it('is no success, where the disk was full', async () => {
    const stream = disk('ENOSPC: no space left on device, write');
    const output = watchedOutput([stream]);
    stream.write('a result');
    assert.match((await output.written()) ?? '', /ENOSPC/);
    assert.equal(await codeAfter(output, 0), 1);
    assert.equal(await codeAfter(output, 2), 2);
  });
});
