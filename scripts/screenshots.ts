import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmulator } from '#emulator/index';
import { auditRun, inventoryOf } from './tab/inventories.js';
import { jobPatName, RunWithPats } from './tab/runs-with-pats.js';
import { TabBrowser, type Theme } from './tab/shown-tab.js';
import { root } from './paths.js';

/** Makes the pictures of the Marketplace page anew: `npx tsx scripts/screenshots.ts`, then pngquant and optipng. Needs a Chromium. */
const folder = join(root, 'images', 'screenshots');
const emulator = await startEmulator();
const browser = await TabBrowser.start();
try {
  await mkdir(folder, { recursive: true });
  const pat = (label: string, nonce: string, id: string, validFor: number) => ({
    name: jobPatName(label, nonce),
    authorizationId: `8f1c0a52-9d0e-4c3b-8a57-6c1de0b7f${id}`,
    validFor,
  });
  const mirror = pat('Nightly mirror', '00c0ffee', '201', 3_600);
  const feed = pat('Publish packages', '5ca1ab1e', '202', 1_800);
  const shared = pat('Deploy to production', '0ddba115', '203', 7_200);
  const lives = new RunWithPats(emulator)
    .step(
      'Issue a PAT to clone',
      'issue',
      mirror,
      { event: 'issued', after: 5, detail: 'vso.code' },
      { event: 'exposed', after: 6, detail: '$(JOB_PAT)' },
    )
    .step(
      'Issue a PAT for the feed',
      'issue',
      feed,
      { event: 'issued', after: 40, detail: 'vso.packaging_write' },
      { event: 'exposed', after: 41, detail: '$(FEED_PAT)' },
    )
    .step(
      'Issue a PAT for two jobs',
      'issue',
      shared,
      { event: 'issued', after: 70, detail: 'vso.code vso.build' },
      { event: 'exposed', after: 71, detail: '$(SHARED_PAT)' },
    )
    .step('Post-job: Issue a PAT for the feed', 'issue', feed, { event: 'revoked', after: 410 })
    .step('Post-job: Issue a PAT to clone', 'issue', mirror, { event: 'revoked', after: 412 })
    .step('Revoke the PAT of two jobs', 'revoke', shared, { event: 'revoked', after: 935 })
    .add();
  const audit = auditRun(emulator, inventoryOf(428, 61));
  for (const [name, run, theme] of [
    ['lives', lives, 'light'],
    ['inventory', audit, 'light'],
    ['inventory-dark', audit, 'dark'],
  ] as const satisfies readonly (readonly [string, unknown, Theme])[]) {
    const { page, faults } = await browser.show(emulator, run, { theme });
    if (faults.length > 0) throw new Error(faults.join('\n'));
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
} finally {
  await browser.stop();
  await emulator.close();
}
