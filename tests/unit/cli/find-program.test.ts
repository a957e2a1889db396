import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../../cli/programs/find-program.js';

describe('a program', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'find-program-'));
    await mkdir(join(folder, 'a', 'tool'), { recursive: true });
    await mkdir(join(folder, 'b'));
    await writeFile(join(folder, 'a', 'readme'), '');
    await writeFile(join(folder, 'b', 'tool'), '#!/bin/sh\n', { mode: 0o755 });
    await writeFile(join(folder, 'b', 'az.cmd'), '', { mode: 0o755 });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const PATH = () => `${join(folder, 'a')}:relative:${join(folder, 'b')}`;
  const found = (file: string) => ({ path: join(folder, 'b', file) });

  it('is the first file of PATH that can be run; a folder of that name is none', () => {
    assert.deepEqual(findProgram('tool', { PATH: PATH() }, 'linux'), found('tool'));
    assert.equal(findProgram('readme', { PATH: PATH() }, 'linux'), 'not executable');
    assert.equal(findProgram('nowhere', { PATH: PATH() }, 'linux'), 'not found');
    assert.equal(findProgram('', { PATH: PATH() }, 'linux'), 'not found');
    assert.equal(findProgram('tool', {}, 'linux'), 'not found');
  });

  it('is what its path says', () => {
    assert.deepEqual(findProgram(join(folder, 'b', 'tool'), {}, 'linux'), found('tool'));
    assert.equal(findProgram(join(folder, 'a', 'tool'), { PATH: PATH() }, 'linux'), 'not found');
  });

  it('has one of the extensions of PATHEXT on Windows', () => {
    const environment = { Path: PATH(), PATHEXT: '.EXE;.cmd' };
    assert.deepEqual(findProgram('az', environment, 'win32'), found('az.cmd'));
    assert.equal(findProgram('tool', environment, 'win32'), 'not found');
  });
});
