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
    assert.equal(await frame.locator('.summary').innerText(), '1 PAT is alive, 1 ended.');
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
    assert.deepEqual(faults, []);
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

  for (const theme of ['light', 'dark'] as const) {
    it(`can be read by everybody in the ${theme} theme, also at 800 pixels`, async () => {
      const run = usualRun().step('Issue another', 'issue', longLived, { event: 'issued', after: 10 }).add();
      for (const width of [1366, 800]) {
        const shown = await browser.show(emulator, run, { theme, width });
        assert.deepEqual(await accessibilityFaults(shown.frame), []);
        assert.equal(await widthBeyond(shown), 0, `${width} pixels`);
        assert.equal(await shown.frame.locator('html').getAttribute('data-theme'), theme);
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
