import assert from 'node:assert/strict';
import { runPipeline } from '#local-agent/index';
import { buildOfRun } from '#local-agent/build-of-run';
import { emulatedRun, issuerConnectionName } from '#local-agent/emulated-run';
import { startEmulator, type Emulator } from '#emulator/index';
import { packagedExtension, taskNode } from '../e2e/packaged-extension.js';
import { accessibilityFaults } from './accessibility.js';
import { RunWithPats, jobPatName } from '../../scripts/tab/runs-with-pats.js';
import { TabBrowser, type ShownTab, type Theme } from '../../scripts/tab/shown-tab.js';

const nightly = {
  name: jobPatName('Nightly mirror', '00c0ffee'),
  authorizationId: '8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f201',
  validFor: 3600,
};
const longLived = {
  name: jobPatName('Nightly deploy', '5ca1ab1e'),
  authorizationId: '9d3f0a52-9d0e-4c3b-8a57-6c1de0b7f203',
  validFor: 86_400 * 3650,
};

describe('The tab of a run that issued PATs', function () {
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

  const usualRun = (): RunWithPats =>
    new RunWithPats(emulator)
      .step(
        'Issue a PAT',
        'issue',
        nightly,
        { event: 'issued', after: 5, detail: 'vso.code' },
        { event: 'exposed', after: 6, detail: '$(JOB_PAT)' },
      )
      .step('Post-job: Issue a PAT', 'issue', nightly, { event: 'revoked', after: 65 });

  it('shows what IssuePat did on an agent, from issue to revoke', async () => {
    const result = await runPipeline({
      vsix: packagedExtension(),
      node: taskNode,
      ...emulatedRun(emulator),
      pipeline: {
        steps: [{ task: 'IssuePat@1', inputs: { patIssuer: issuerConnectionName, scopes: 'vso.code' } }],
      },
    });
    assert.equal(result.result, 'Succeeded');
    const [pat] = emulator.pats.list('contoso');
    const { frame, faults } = await browser.show(emulator, emulator.runs.addBuild(buildOfRun(result)));
    const life = await frame.locator('.life').innerText();
    for (const text of ['Revoked', 'contoso', 'vso.code', pat?.authorizationId ?? '?', '$(JOB_PAT)'])
      assert.ok(life.includes(text), `${text} in:\n${life}`);
    assert.deepEqual(await texts(frame, '.moment-event'), ['Issued', 'Exposed $(JOB_PAT)', 'Revoked']);
    assert.match((await texts(frame, '.moment-place')).at(-1) ?? '', /^Post-job: /);
    assert.deepEqual(faults, []);
  });

  it('tells how long each lived, and puts those first that are alive', async () => {
    const run = usualRun().step('Issue another', 'issue', longLived, { event: 'issued', after: 10 }).add();
    const { frame } = await browser.show(emulator, run);
    assert.equal(await frame.locator('.summary').innerText(), '2 PATs: 1 still alive, 1 revoked.');
    assert.deepEqual(await texts(frame, '.badge'), ['Still alive', 'Revoked']);
    assert.equal(await frame.locator('.span-text').last().innerText(), 'Lived 1 min of 59 min 55 s');
    assert.match(await frame.locator('.advice').innerText(), /RevokePat@1.*9d3f0a52/);
  });

  it('follows the run while it goes on', async () => {
    const run = new RunWithPats(emulator)
      .step('Issue a PAT', 'issue', longLived, { event: 'issued', after: 10 })
      .add('inProgress');
    const { frame, page } = await browser.show(emulator, run);
    assert.deepEqual(await texts(frame, '.badge'), ['In use']);
    await page.evaluate('changeBuild({ status: 2 })');
    await frame.locator('.badge.bad').waitFor();
    assert.deepEqual(await texts(frame, '.badge'), ['Still alive']);
  });

  it('says so when there is no PAT in the run', async () => {
    const { frame, faults } = await browser.show(emulator, emulator.runs.addBuild({ status: 'completed' }));
    assert.equal(await frame.locator('h2').innerText(), 'No PAT in this run');
    assert.match(await frame.locator('.nothing').innerText(), /0 steps of this run were read: none of them/);
    assert.deepEqual(faults, []);
  });

  it('says what was read when a task ran and told of no PAT', async () => {
    const { frame } = await browser.show(
      emulator,
      new RunWithPats(emulator).step('Reap', 'revoke', nightly).add(),
    );
    assert.match(
      await frame.locator('.nothing').innerText(),
      /2 steps of this run were read: among them 1 of RevokePat@1, which told of no PAT\./,
    );
  });

  const manyLives = (): RunWithPats =>
    Array.from({ length: 40 }, (_, index) => index).reduce((run, index) => {
      const pat = {
        name: jobPatName(`Shard ${index}`, (0xabc00000 + index).toString(16)),
        authorizationId: `8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f${200 + index}`,
        validFor: index === 7 ? longLived.validFor : 600,
      };
      run.step(`Issue ${index}`, 'issue', pat, { event: 'issued', after: index, detail: 'vso.code' });
      return index % 5 === 2 ? run : run.step('Post-job', 'issue', pat, { event: 'revoked', after: 300 });
    }, new RunWithPats(emulator));

  it('shows more than five lives as a list of lines that unfold, and unfolds what needs a look', async () => {
    const { frame, faults } = await browser.show(emulator, manyLives().add());
    assert.equal(
      await frame.locator('.summary').innerText(),
      '40 PATs: 1 still alive, 32 revoked, 7 ran out.',
    );
    assert.equal(await frame.locator('.life.line').count(), 40);
    assert.equal(await frame.locator('details[open]').count(), 1);
    assert.match(
      await frame.locator('details[open]').innerText(),
      /Shard 7[^]*Still alive[^]*Revoke it with/,
    );
    const second = frame.locator('.life.line').nth(1);
    assert.equal(await second.locator('.moments').isVisible(), false);
    await second.locator('summary').press('Enter');
    assert.match(await second.innerText(), /job-pat:build[^]*Issued[^]*Revoked/);
    assert.deepEqual(faults, []);
  });

  it('calls a PAT that nobody revoked in time "Ran out", in grey', async () => {
    const run = new RunWithPats(emulator)
      .step('Issue a PAT', 'issue', nightly, { event: 'issued', after: 5 })
      .add();
    const { frame } = await browser.show(emulator, run);
    assert.equal(await frame.locator('.badge.past').innerText(), 'Ran out');
  });

  it('hands out the step that revokes a PAT that is still alive, and the page of its user', async () => {
    const run = new RunWithPats(emulator)
      .step('Issue a PAT', 'issue', longLived, { event: 'issued', after: 5 })
      .add();
    const { frame, page, faults } = await browser.show(emulator, run, { clipboard: true });
    const copied = (): Promise<unknown> => page.evaluate('navigator.clipboard.readText()');
    await frame.getByRole('button', { name: 'Copy the id' }).press('Enter');
    await frame.getByText('Copied').first().waitFor();
    assert.equal(await copied(), longLived.authorizationId);
    await frame.getByRole('button', { name: 'Copy a RevokePat step' }).click();
    await frame.getByText('Copied').nth(1).waitFor();
    assert.match(
      String(await copied()),
      new RegExp(`^- task: RevokePat@1\n[^]*authorizationIds: ${longLived.authorizationId}`),
    );
    const link = frame.getByRole('link', { name: 'Token page of the issuing user' });
    assert.equal(await link.getAttribute('href'), 'https://dev.azure.com/contoso/_usersSettings/tokens');
    assert.deepEqual(faults, []);
  });

  it('shows what it may not copy, selected, so that a person can', async () => {
    const run = new RunWithPats(emulator)
      .step('Issue a PAT', 'issue', longLived, { event: 'issued', after: 5 })
      .add();
    const { frame } = await browser.show(emulator, run);
    await frame.evaluate('document.execCommand = () => false');
    await frame.getByRole('button', { name: 'Copy a RevokePat step' }).click();
    const field = frame.getByRole('textbox', { name: 'Text to copy' });
    assert.match(await field.inputValue(), /^- task: RevokePat@1/);
    assert.equal(await frame.evaluate('document.activeElement.selectionEnd > 50'), true);
    assert.deepEqual(await accessibilityFaults(frame), []);
  });

  it('says so when the run cannot be read, and what may help', async () => {
    const { frame } = await browser.show(emulator, usualRun().add(), { token: 'no-token' });
    const alert = await frame.locator('[role=alert]').innerText();
    assert.match(alert, /cannot be shown/);
    assert.match(alert, /vso\.build/);
  });

  it('sends its token to no address but one of Azure DevOps', async () => {
    const wish = { organizationUrl: 'http://127.0.0.1.evil.example/contoso' };
    const { frame } = await browser.show(emulator, usualRun().add(), wish);
    assert.match(await frame.locator('[role=alert]').innerText(), /not one of Azure DevOps/);
    assert.deepEqual(emulator.requests, []);
  });

  it('shows crafted names as text: nothing runs, nothing turns around, nothing grows out of the page', async () => {
    const crafted = [
      '<img src=x onerror=alert(1)>',
      '"><script>alert(2)</script>',
      '\u202Ereversed\u2066 name',
      'x'.repeat(10_000),
      '##vso[task.complete result=Failed]',
    ];
    const run = crafted.reduce(
      (all, name, index) =>
        all.step(
          name,
          'issue',
          {
            ...nightly,
            name,
            organization: 'contoso',
            authorizationId: nightly.authorizationId.replace(/^./, String(index)),
          },
          { event: 'issued', after: index, detail: name },
        ),
      new RunWithPats(emulator),
    );
    const shown = await browser.show(emulator, run.add(), { width: 800 });
    const { frame, faults } = shown;
    assert.equal(await frame.locator('.life').count(), crafted.length);
    assert.equal(await frame.locator('main img, main script').count(), 0);
    const names = await texts(frame, 'h3');
    assert.ok(names.includes('<img src=x onerror=alert(1)>'), names.join('\n'));
    assert.ok(names.every(name => !/[\u202E\u2066]/.test(name) && name.length < 400));
    assert.equal(await widthBeyond(shown), 0);
    assert.deepEqual(faults, []);
  });

  for (const theme of ['light', 'dark', 'contrast'] as const) {
    it(`can be read by everybody in the ${theme} theme, also at 800 and 420 pixels`, async () => {
      const few = usualRun().step('Issue another', 'issue', longLived, { event: 'issued', after: 10 }).add();
      for (const run of [few, manyLives().add()])
        for (const width of [1366, 800, 420]) {
          const shown = await browser.show(emulator, run, { theme, width });
          assert.deepEqual(await accessibilityFaults(shown.frame), []);
          assert.equal(await widthBeyond(shown), 0, `${width} pixels`);
          const expected = theme === 'light' ? 'light' : 'dark';
          assert.equal(await shown.frame.locator('html').getAttribute('data-theme'), expected);
        }
    });
  }

  it('changes its theme with the host', async () => {
    const { frame, page } = await browser.show(emulator, usualRun().add());
    const color = (): Promise<unknown> => frame.evaluate('getComputedStyle(document.body).backgroundColor');
    assert.equal(await color(), 'rgb(255, 255, 255)');
    await page.evaluate(`changeTheme('${'dark' satisfies Theme}')`);
    await frame.locator('html[data-theme=dark]').waitFor();
    assert.equal(await color(), 'rgb(32, 31, 30)');
  });
});

function texts(frame: ShownTab['frame'], selector: string): Promise<string[]> {
  return frame.locator(selector).allInnerTexts();
}

/** How many pixels the page is wider than its window. */
async function widthBeyond({ frame }: ShownTab): Promise<unknown> {
  return frame.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
