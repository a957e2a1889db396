import pc from 'picocolors';
import { auditRun, inventoryOf } from '../tab/inventories.js';
import { TabBrowser } from '../tab/shown-tab.js';
import type { Setting } from './part.js';
import { tableOf } from './table.js';

const SIZES = [100, 1_000, 10_000] as const;

/** From the opening of the tab's frame to its first table, in a real Chromium. */
export async function tab({ emulator, say }: Setting): Promise<string> {
  const browser = await TabBrowser.start();
  const rows: string[][] = [];
  try {
    for (const pats of SIZES) {
      say(`tab with ${pats} PATs`);
      const run = auditRun(emulator, inventoryOf(pats, Math.ceil(pats / 20)));
      const { frame } = await browser.show(emulator, run);
      await frame.locator('tbody tr').first().waitFor();
      // Since the frame began to load; what the bench itself needs to notice it is in there.
      const first = await frame.evaluate<number>('performance.now()');
      const shown = performance.now();
      await frame.fill('input[type=search]', 'laptop');
      await frame.locator('tbody tr').first().waitFor();
      rows.push([
        pats.toLocaleString('en'),
        `${(first / 1000).toFixed(2)} s`,
        '1 s',
        `${Math.round(performance.now() - shown)} ms`,
      ]);
      await browser.clear();
    }
  } finally {
    await browser.stop();
  }
  const legend = 'Tab PATs, once each, from the opening of its frame; the budget is for 10,000.';
  return `${tableOf(['PATs', 'first table', 'budget', 'filtered'], rows)}\n${pc.dim(legend)}`;
}
