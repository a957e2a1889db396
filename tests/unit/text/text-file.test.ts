import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTextFile } from '#text/text-file';
import { notHere, WINDOWS } from '../../not-here.js';

describe('A text file that an input names', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'text-file-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const fileWith = (content: string | Buffer): string => {
    writeFileSync(join(folder, 'file'), content);
    return join(folder, 'file');
  };
  const faultOf = (path: string): string => {
    const read = readTextFile(path, 1024);
    return typeof read === 'string' ? assert.fail(`it was read: ${read}`) : read.fault;
  };

  it('is read whole, without a byte order mark', () => {
    assert.equal(readTextFile(fileWith('\uFEFFé 日本\r\n'), 1024), 'é 日本\r\n');
    assert.equal(readTextFile(fileWith('x'.repeat(1024)), 1024), 'x'.repeat(1024));
    assert.equal(readTextFile(fileWith(''), 1024), '');
  });

  it('is not larger than it may be', () => {
    assert.equal(faultOf(fileWith('x'.repeat(1025))), 'is larger than 1 KB');
  });

  it('is text', () => {
    assert.equal(faultOf(fileWith(Buffer.from('a: ü', 'latin1'))), 'is not text in UTF-8');
    assert.equal(faultOf(fileWith(Buffer.from('\uFEFFa: 1', 'utf16le'))), 'is not text in UTF-8');
  });

  it('is a file: nobody waits for a FIFO, and no device is read', function () {
    if (process.platform === 'win32') notHere(this, WINDOWS);
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    for (const path of [join(folder, 'fifo'), folder, '/dev/zero', '/dev/null'])
      assert.equal(faultOf(path), 'is not a file', path);
  });

  it('exists', () => {
    assert.match(faultOf(join(folder, 'nothing')), /^cannot be read \(ENOENT\); is it checked out/);
    assert.match(faultOf('a\0b'), /^cannot be read/);
  });
});
