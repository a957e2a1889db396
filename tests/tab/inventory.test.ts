import assert from 'node:assert/strict';
import type { Frame } from 'playwright-core';
import { emulatedRun, issuerConnectionName } from '#local-agent/emulated-run';
import { runPipeline } from '#local-agent/index';
import { startEmulator, type Emulator } from '#emulator/index';
import { columns } from '../../tab/inventory-filter.js';
import { asObject, parseJson } from '#text/json';
import { packagedExtension, taskNode } from '../e2e/packaged-extension.js';
import { accessibilityFaults } from './accessibility.js';
import { auditRun, inventoryOf } from '../../scripts/tab/inventories.js';
import { jobPatName } from '../../scripts/tab/runs-with-pats.js';
import { TabBrowser, type Theme } from '../../scripts/tab/shown-tab.js';

describe('The tab of a run with an audit', function () {
  this.timeout(60_000);
  let browser: TabBrowser;
  let emulator: Emulator;

  before(async () => {
    browser = await TabBrowser.start();
  });
  after(async () => {
    await browser.stop();
  });
  beforeEach(async () => {
    emulator = await startEmulator();
  });
  afterEach(async () => {
    await browser.clear();
    await emulator.close();
  });

  const names = (frame: Frame) => frame.locator('tbody button.name').allTextContents();
  const figures = async (frame: Frame) =>
    (await frame.locator('.figure dd').allTextContents()).map(text => Number(text.replace(/\D/g, '')));

  it('shows what AuditPats found on an agent, with the same figures', async () => {
    emulator.pats.seed([{ displayName: 'all of it', scope: 'app_token' }, { displayName: 'fine' }]);
    const { jobs } = await runPipeline({
      vsix: packagedExtension(),
      node: taskNode,
      ...emulatedRun(emulator),
      pipeline: {
        steps: [{ task: 'AuditPats@1', inputs: { patIssuer: issuerConnectionName, failOn: 'never' } }],
      },
    });
    const [upload] = jobs.flatMap(({ uploads }) => uploads).filter(({ name }) => name === 'inventory.json');
    const inventory =
      asObject(parseJson(upload?.content.toString('utf8') ?? '')) ?? assert.fail('There is no inventory.');
    const counts = asObject(inventory['counts']) ?? {};
    const { frame, faults } = await browser.show(emulator, auditRun(emulator, inventory));
    assert.deepEqual((await figures(frame)).slice(0, 3), [
      counts['error'],
      counts['warning'],
      counts['note'],
    ]);
    assert.deepEqual((await names(frame)).sort(), ['all of it', 'fine']);
    assert.deepEqual(faults, []);
  });

  it('counts as the audit does: findings, rules, scopes of active PATs, users', async () => {
    const inventory = inventoryOf(400, 40);
    const counts = asObject(inventory['counts']) ?? {};
    const { frame } = await browser.show(emulator, auditRun(emulator, inventory));
    assert.match(
      (await frame.locator('.summary').textContent()) ?? '',
      /^400 PATs of 40 users in 2 organizations,/,
    );
    assert.deepEqual((await figures(frame)).slice(0, 3), [
      counts['error'],
      counts['warning'],
      counts['note'],
    ]);
    for (const [title, part] of [
      ['Findings', 'byRule'],
      ['Scopes of active PATs', 'byScope'],
    ] as const) {
      const rows = frame.getByRole('group', { name: title }).locator('button.row');
      const shown = await Promise.all(
        (await rows.all()).map(async row => [
          await row.locator('.row-text').textContent(),
          Number(await row.locator('.row-count').textContent()),
        ]),
      );
      const counted = Object.entries(asObject(counts[part]) ?? {}).filter(([, count]) => count !== 0);
      assert.deepEqual(Object.fromEntries(shown), Object.fromEntries(counted));
    }
  });

  it('sorts by every column, with the keyboard alone', async () => {
    const { frame, faults } = await browser.show(emulator, auditRun(emulator, inventoryOf(40, 5)));
    for (const column of columns) {
      const cell = frame.locator(`th.col-${column}`);
      const shown = () => frame.locator(`tbody tr:not(.more) td.col-${column}`).allTextContents();
      const head = cell.locator('button');
      await head.focus();
      if ((await cell.getAttribute('aria-sort')) !== 'ascending') await head.press('Enter');
      assert.equal(await cell.getAttribute('aria-sort'), 'ascending');
      const ascending = await shown();
      await head.press('Enter');
      assert.equal(await cell.getAttribute('aria-sort'), 'descending');
      assert.deepEqual(await shown(), ascending.toReversed(), column);
      assert.equal(await frame.locator('th:not([aria-sort=none])').count(), 1);
    }
    assert.deepEqual(faults, []);
  });

  it('filters by text and by what a breakdown shows, says how many fit, and shows all again', async () => {
    const { frame } = await browser.show(emulator, auditRun(emulator, inventoryOf(40, 5)));
    await frame.fill('input[type=search]', 'laptop');
    assert.ok((await names(frame)).every(name => /laptop/i.test(name)));
    await frame.fill('input[type=search]', 'no such PAT');
    await frame.getByText('No PAT fits.').waitFor();
    await frame.getByRole('button', { name: 'Show all' }).click();
    await frame.getByText('1 to 40 of 40 PATs').waitFor();
    const scopes = frame.getByRole('group', { name: 'Scopes of active PATs' }).locator('button.row').first();
    const count = Number(await scopes.locator('.row-count').textContent());
    await scopes.press('Enter');
    assert.equal(await scopes.getAttribute('aria-pressed'), 'true');
    await frame.getByText(`1 to ${count} of ${count} PATs`).waitFor();
    await scopes.press('Enter');
    await frame.getByText('1 to 40 of 40 PATs').waitFor();
  });

  it('keeps filter and focus when the host calls and nothing has changed', async () => {
    const { frame, page } = await browser.show(emulator, auditRun(emulator, inventoryOf(40, 5)));
    await frame.fill('input[type=search]', 'laptop');
    const read = emulator.requestsOf('build.attachments').length;
    await page.evaluate('changeBuild({})');
    await emulator.waitFor('build.attachment', { nth: 2 });
    await page.waitForLoadState('networkidle');
    assert.equal(emulator.requestsOf('build.attachments').length, read + 1);
    assert.equal(await frame.inputValue('input[type=search]:focus'), 'laptop');
  });

  it('shows the other one when an attachment is no inventory', async () => {
    const run = auditRun(emulator, inventoryOf(3, 1), { alsoLeft: ['<html>'] });
    const { frame } = await browser.show(emulator, run);
    const alert = await frame.locator('[role=alert]').innerText();
    assert.match(alert, /^An inventory of this run cannot be shown[^]*not an inventory/);
    assert.equal((await names(frame)).length, 3);
  });

  it('shows no inventory that a script attached, and says how many there are', async () => {
    const forged = Array.from({ length: 20 }, () => inventoryOf(50, 5));
    const { frame } = await browser.show(emulator, auditRun(emulator, inventoryOf(3, 1), { forged }));
    assert.equal((await names(frame)).length, 3);
    assert.match(await frame.locator('[role=note]').innerText(), /^20 attachments .*no step of AuditPats@1/);
    assert.equal(emulator.requestsOf('build.attachment').length, 1);
  });

  it('says beside each PAT which rule counts most, and how many more', async () => {
    const inventory = inventoryOf(1, 1);
    const [pat] = inventory['pats'] as Record<string, unknown>[];
    const finding = (rule: string, severity: string, more = {}) => ({
      rule,
      severity,
      message: 'So it is.',
      ...more,
    });
    const findings = [
      finding('duplicate-names', 'note'),
      finding('global-pat', 'error', { exception: 0 }),
      finding('never-rotated', 'warning'),
      finding('full-access', 'error'),
    ];
    const { frame } = await browser.show(
      emulator,
      auditRun(emulator, { ...inventory, pats: [{ ...pat, findings }] }),
    );
    assert.equal(await frame.locator('td.col-reason').innerText(), 'full-access and 2 more');
  });

  it('splits the names that Job PAT made, and leaves out columns that say the same in every row', async () => {
    const inventory = inventoryOf(1, 1);
    const [pat] = inventory['pats'] as Record<string, unknown>[];
    const displayName = jobPatName('Nightly mirror', '00c0ffee');
    const ofIssuer = { ...inventory, whose: 'issuer', organizations: ['contoso'] };
    const { frame } = await browser.show(
      emulator,
      auditRun(emulator, {
        ...ofIssuer,
        pats: [{ ...pat, displayName, organization: 'contoso', user: null }],
      }),
    );
    assert.deepEqual(await names(frame), ['Nightly mirror']);
    assert.match(await frame.locator('td.col-name .suffix').innerText(), /^job-pat:build\/.*00c0ffee$/);
    assert.deepEqual(await frame.locator('th button').allInnerTexts(), [
      'Severity',
      'Why',
      'PAT',
      'Scopes',
      'Ends',
    ]);
    await frame.locator('tbody button.name').click();
    assert.match(await frame.locator('tr.more').innerText(), /Organization\s+contoso/);
  });

  it('hands out the id, and the step with which an administrator revokes the PAT of somebody', async () => {
    const inventory = inventoryOf(1, 1);
    const [pat] = inventory['pats'] as Record<string, unknown>[];
    const user = { id: 'aad.x', principalName: 'robin@example.com' };
    const run = auditRun(emulator, {
      ...inventory,
      pats: [{ ...pat, displayName: 'Laptop', organization: 'contoso', state: 'active', user }],
    });
    const { frame, page, faults } = await browser.show(emulator, run, { clipboard: true });
    await frame.locator('tbody button.name').click();
    await frame.getByRole('button', { name: 'Copy a RevokePat step' }).press('Enter');
    await frame.getByText('Copied').waitFor();
    const copied = String(await page.evaluate('navigator.clipboard.readText()'));
    assert.match(copied, /as: administrator\n[^]*user: robin@example\.com\n[^]*authorizationIds: 8f1c0a52-/);
    await frame.getByRole('link', { name: 'Token page of its user' }).waitFor();
    assert.deepEqual(faults, []);
  });

  it('shows what expired in grey, and lets no empty part be chosen', async () => {
    const inventory = inventoryOf(1, 1);
    const [pat] = inventory['pats'] as Record<string, unknown>[];
    const over = { ...pat, state: 'expired', validTo: '2026-11-01T00:00:00Z' };
    const { frame } = await browser.show(emulator, auditRun(emulator, { ...inventory, pats: [over] }));
    const ends = frame.getByRole('group', { name: 'When they end' });
    assert.match((await ends.locator('button').first().getAttribute('class')) ?? '', /\bpast\b/);
    assert.equal(await ends.locator('button:enabled').count(), 1);
    assert.equal(await frame.locator('tbody tr.ended').count(), 1);
    await frame.locator('tbody button.name').click();
    assert.equal(await frame.getByRole('button', { name: 'Copy a RevokePat step' }).count(), 0);
  });

  it('says what was read when there is no PAT', async () => {
    const empty = inventoryOf(0, 0, { whose: 'issuer', organizations: ['contoso'] });
    const { frame } = await browser.show(emulator, auditRun(emulator, empty));
    assert.match(
      await frame.locator('.nothing').innerText(),
      /^No PAT was found\s+AuditPats@1 looked in contoso for the PATs of the issuing user[^]*every list to its end\.$/,
    );
    const missing = [{ organization: 'contoso', user: null, reason: 'HTTP 503' }];
    const partly = auditRun(emulator, { ...empty, complete: false, missing });
    const { frame: other } = await browser.show(emulator, partly);
    assert.match(
      await other.locator('main').innerText(),
      /not complete[^]*in what could be read[^]*only a part/,
    );
  });

  it('unfolds a PAT: what is wrong, the repair, its authorization id', async () => {
    const { frame } = await browser.show(emulator, auditRun(emulator, inventoryOf(40, 5)));
    const first = frame.locator('tbody button.name').first();
    await first.press('Enter');
    assert.equal(await first.getAttribute('aria-expanded'), 'true');
    const more = await frame.locator('tr.more:not([hidden])').textContent();
    assert.match(more ?? '', /8f1c0a52-0000-4000-8000-[0-9]{12}/);
  });

  it('lets nothing from outside execute, and no name break the page', async () => {
    const evil = [
      '<img src=x onerror=alert(1)>',
      '=HYPERLINK("http://evil.example")',
      'a | b ] c',
      '\u202Egnp.exe',
      '##vso[task.setvariable variable=x]y',
      'x'.repeat(10_000),
    ];
    const inventory = inventoryOf(evil.length, 1);
    const pats = (inventory['pats'] as Record<string, unknown>[]).map((pat, index) => ({
      ...pat,
      displayName: evil[index],
      user: { principalName: evil[index] },
      scope: evil[index],
      findings: [{ rule: evil[index], severity: 'error', message: evil[index] }],
    }));
    const { frame, page, faults } = await browser.show(emulator, auditRun(emulator, { ...inventory, pats }));
    for (const button of await frame.locator('tbody button.name').all()) await button.click();
    assert.equal(await frame.locator('img').count(), 0);
    assert.deepEqual(faults, []);
    const width = await frame.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    assert.ok(width <= 0, `${width} pixels too wide`);
    await page.close();
  });

  it('says what is missing when the audit is not complete', async () => {
    const missing = [{ organization: 'fabrikam', user: null, reason: 'HTTP 503' }];
    const run = auditRun(emulator, inventoryOf(3, 1, { complete: false, missing }));
    const { frame } = await browser.show(emulator, run);
    assert.match((await frame.locator('.advice').textContent()) ?? '', /not complete.*fabrikam: HTTP 503/s);
  });

  it('counts no finding that an exception covers', async () => {
    const inventory = inventoryOf(1, 1);
    const [pat] = inventory['pats'] as Record<string, unknown>[];
    const findings = [{ rule: 'full-access', severity: 'error', message: 'has full access', exception: 0 }];
    const { frame } = await browser.show(
      emulator,
      auditRun(emulator, { ...inventory, pats: [{ ...pat, findings }] }),
    );
    assert.deepEqual(await figures(frame), [0, 0, 0, 1]);
  });

  for (const theme of ['light', 'dark', 'contrast'] as const satisfies readonly Theme[]) {
    it(`has no fault that axe finds in the ${theme} theme, and fits 800 and 420 pixels`, async () => {
      const run = auditRun(emulator, inventoryOf(60, 7));
      for (const width of [800, 420]) {
        const { frame, faults } = await browser.show(emulator, run, { theme, width });
        await frame.locator('tbody button.name').first().click();
        assert.deepEqual(await accessibilityFaults(frame), []);
        const beyond = await frame.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        assert.ok(beyond <= 0, `${beyond} pixels too wide`);
        assert.deepEqual(faults, []);
      }
    });
  }

  it('is usable with 10,000 PATs: pages, sorting, filter', async () => {
    const { frame } = await browser.show(emulator, auditRun(emulator, inventoryOf(10_000, 500)));
    assert.ok((await frame.locator('tbody tr').count()) < 500, 'a page of rows only');
    await frame.locator('th.col-validTo button').click();
    await frame.fill('input[type=search]', 'laptop');
    assert.ok((await names(frame)).every(name => /laptop/i.test(name)));
  });
});
