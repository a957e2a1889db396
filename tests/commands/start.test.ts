import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { examplesIn } from '../../scripts/agent/example-list.js';
import { findChromium } from '../../scripts/chromium.js';
import { root } from '../../scripts/paths.js';
import { notHere } from '../not-here.js';
import { npmRun, type Ended } from './npm-command.js';

describe('npm start', function () {
  this.timeout(300_000);
  let ended: Ended;
  before(async () => {
    ended = await npmRun('start');
  });

  const address = () => /^ +(file:\/\/\S+)$/m.exec(ended.output)?.[1] ?? assert.fail(ended.output);

  it('succeeds, and tells each step once', () => {
    assert.equal(ended.code, 0, ended.output);
    for (const title of [
      'Pack the extension',
      'Run examples/quickstart.yml',
      'Clone again with the same PAT',
    ])
      assert.equal(ended.output.split(title).length, 2, title);
    assert.match(ended.output, /^ +Revoked +\d{4}-\d\d-\d\d /m);
    assert.match(ended.output, /^ +Afterwards +refused: /m);
  });

  it('ends with the address of the tab of its run, and with the examples, one line each', () => {
    const [, end = ''] = ended.output.split(address());
    const examples = examplesIn(`${root}/examples`);
    assert.deepEqual(
      end.split('\n').filter(line => /^ {2}\S+\.yml /.test(line)),
      examples.map(({ file, shows }) => `  ${file.padEnd(31)}  ${shows}`),
    );
    assert.match(end, /npm run agent -- examples\/NAME\.yml/);
  });

  it('draws that tab as a page that opens without a server', async function () {
    const executablePath = findChromium() ?? notHere(this, 'there is no Chromium');
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const faults: string[] = [];
      page.on('pageerror', error => faults.push(error.message));
      page.on('request', request => {
        if (!request.url().startsWith('file:')) faults.push(request.url());
      });
      await page.goto(address());
      await page.waitForSelector('main[aria-busy="false"]');
      const text = await page.innerText('main');
      assert.match(
        text,
        /PATs of this run\s+1 PAT: revoked\.[^]*quickstart \d{8}\.1[^]*Issued[^]*Exposed[^]*Revoked/,
      );
      assert.deepEqual(faults, []);
      assert.ok(fileURLToPath(address()).startsWith(root));
    } finally {
      await browser.close();
    }
  });
});
