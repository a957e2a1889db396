import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { changedSince } from '../../../scripts/packed-extension.js';

describe('A package in dist/ is old', () => {
  let repository: string;
  let path: string;
  beforeEach(() => {
    repository = mkdtempSync(join(tmpdir(), 'job-pat-sources-'));
    path = join(repository, 'made.vsix');
    write('made.vsix', 100);
    for (const source of ['tasks/IssuePat/IssuePatV1/main.ts', 'overview.md', 'scripts/build.ts'])
      write(source, 50);
  });
  afterEach(() => {
    rmSync(repository, { recursive: true });
  });

  function write(name: string, seconds: number): void {
    mkdirSync(dirname(join(repository, name)), { recursive: true });
    writeFileSync(join(repository, name), '');
    utimesSync(join(repository, name), seconds, seconds);
  }

  it('not when everything that it is made of was there before', () => {
    assert.equal(changedSince(path, repository), undefined);
  });

  for (const source of [
    'tasks/IssuePat/IssuePatV1/task.json',
    'packages/pat/issue.ts',
    'tab/main.ts',
    'images/icon.png',
    'scripts/package-extension.ts',
    'overview.md',
    'vss-extension.json',
  ]) {
    it(`when ${source} was changed after it`, () => {
      write(source, 200);
      assert.equal(changedSince(path, repository), source);
    });
  }

  for (const tool of [
    'packages/emulator/index.ts',
    'packages/local-agent/job.ts',
    'scripts/agent.ts',
    'scripts/stand-in/world.ts',
  ]) {
    it(`not when ${tool} was, which is in no package`, () => {
      write(tool, 200);
      assert.equal(changedSince(path, repository), undefined);
    });
  }
});
