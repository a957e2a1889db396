import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { startEmulator } from '#emulator/index';
import { buildCli } from './build-cli.js';
import { findChromium } from './chromium.js';
import { root } from './paths.js';
import { setUpCommands, tour, type Printed } from './pictures/commands.js';
import { withPalette } from './pictures/palette-png.js';
import { pictureThemes } from './pictures/picture-theme.js';
import { auditScene, lifeScene, livesScene } from './pictures/tab-scenes.js';
import { taskForm } from './pictures/task-form.js';
import { terminalPage } from './pictures/terminal-page.js';
import { TabBrowser } from './tab/shown-tab.js';

/**
 * Makes the pictures of the pages anew, light and dark, in images/pictures and images/screenshots: `npm run pictures`. What
 * they show is what the programs print and what the tab shows; only the form is a drawing. Needs a Chromium.
 */
const COLUMNS = 80;
const pictures = join(root, 'images', 'pictures');
const screenshots = join(root, 'images', 'screenshots');
/** What vss-extension.json shows in the Marketplace; the other pictures are of the repository's pages. */
const shipped = new Set(['lives', 'inventory', 'inventory-dark']);
const executablePath = findChromium();
if (executablePath === undefined) {
  console.error('There is no Chromium: install one, or name one in JOB_PAT_CHROMIUM.');
  process.exit(1);
}
for (const folder of [pictures, screenshots]) await mkdir(folder, { recursive: true });

await buildCli();
const { connect, doctor } = await setUpCommands();
const terminals: Readonly<Record<string, Printed>> = { start: await tour(), connect, doctor };
// The sandbox of Chromium needs a user other than root.
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const theme of pictureThemes) {
    for (const [name, { command, output }] of Object.entries(terminals))
      await drawn(browser, terminalPage(command, output, theme, COLUMNS), `${name}-${theme}`);
    await drawn(browser, await taskForm(theme), `form-${theme}`);
  }
} finally {
  await browser.close();
}
await tabPictures();

/** The picture of a page, as large as what is in it; twice as fine, since letters are small. */
async function drawn(browser: Browser, html: string, name: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1000, height: 600 }, deviceScaleFactor: 2 });
  await page.setContent(html);
  const picture = await page.locator('body > div').screenshot();
  await keep(pictures, name, picture);
  await page.close();
}

/** As large as the Marketplace shows screenshots. */
async function tabPictures(): Promise<void> {
  const emulator = await startEmulator();
  const tab = await TabBrowser.start();
  try {
    const scenes = { lives: livesScene(emulator), inventory: auditScene(emulator) };
    const life = lifeScene(emulator);
    for (const theme of pictureThemes) {
      // Small enough to be read where a page shows it, below its first lines.
      const { page, faults } = await tab.show(emulator, life, {
        theme,
        width: 800,
        height: 450,
        fineness: 2,
      });
      if (faults.length > 0) throw new Error(faults.join('\n'));
      await keep(pictures, `life-${theme}`, await page.screenshot());
    }
    for (const theme of pictureThemes)
      for (const [name, run] of Object.entries(scenes)) {
        const { page, faults } = await tab.show(emulator, run, { theme });
        if (faults.length > 0) throw new Error(faults.join('\n'));
        const file = theme === 'light' ? name : `${name}-${theme}`;
        await keep(shipped.has(file) ? screenshots : pictures, file, await page.screenshot());
      }
  } finally {
    await tab.stop();
    await emulator.close();
  }
}

async function keep(folder: string, name: string, picture: Buffer): Promise<void> {
  const small = withPalette(picture);
  await writeFile(join(folder, `${name}.png`), small);
  console.log(`${name}.png ${Math.ceil(small.length / 1024)} KB`);
}
