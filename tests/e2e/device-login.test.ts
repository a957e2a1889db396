import assert from 'node:assert/strict';
import { type Browser, chromium, type Page } from 'playwright-core';
import { canInstallChromium, findChromium, installChromium } from '../../scripts/chromium.js';
import { commandLineTool, start } from './cli-process.js';
import { emulatorForEachTest } from './issuing-job.js';

describe('the sign-in page in a browser', () => {
  const emulator = emulatorForEachTest();
  let browser: Browser;
  let page: Page;

  before(async function () {
    // Installing a browser takes a while.
    this.timeout(300_000);
    await commandLineTool();
    const executablePath = findChromium() ?? (canInstallChromium() ? installChromium() : undefined);
    assert.ok(executablePath !== undefined, 'Chromium is installed');
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  after(() => browser.close());
  beforeEach(async () => {
    emulator().entra.deviceCodes.interval = 1;
    page = await browser.newPage();
  });
  afterEach(() => page.close());

  /** Starts the command, opens the page it shows and types the code it shows. */
  async function enterCode(): Promise<ReturnType<typeof start>> {
    const arguments_ = ['list', '-o', emulator().organizationUrl('contoso'), '-c', emulator().entra.clientId];
    const command = start(arguments_);
    await emulator().waitFor('entra.token');
    const [, address = ''] = /Open +(\S+)/.exec(command.output()) ?? [];
    const [, code = ''] = /Enter +(\S+)/.exec(command.output()) ?? [];
    await page.goto(address);
    await page.getByLabel('Code').fill(code.toLowerCase());
    await page.getByRole('button', { name: 'Next' }).click();
    return command;
  }

  it('signs the command in when the person approves', async () => {
    const command = await enterCode();
    assert.ok(await page.getByText('vso.pats_manage').isVisible());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'You have signed in' }).waitFor();
    const outcome = await command.ended;
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stderr, /Signed in as pat-issuer@contoso\.example/);
  });

  it('lets the command fail when the person declines', async () => {
    const command = await enterCode();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: 'Sign-in cancelled' }).waitFor();
    const outcome = await command.ended;
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /The sign-in was declined/);
  });

  it('takes no code that nobody waits with', async () => {
    await page.goto(`${emulator().url}/devicelogin`);
    await page.getByLabel('Code').fill('NOSUCHONE');
    await page.getByRole('button', { name: 'Next' }).click();
    assert.match(await page.getByRole('alert').innerText(), /did not work/);
  });
});
