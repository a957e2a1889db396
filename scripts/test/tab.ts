import { canInstallChromium, findChromium, installChromium } from '../chromium.js';
import { mocha } from './mocha.js';
import { whole, type Part } from './part.js';

const NAME = 'Tab, in Chromium';

/**
 * The tab needs a Chromium. In CI it has to be there; elsewhere its absence is told, not hidden. As root on Debian it is
 * installed, unless JOB_PAT_INSTALL is `no`.
 */
export const tab: Part = {
  name: NAME,
  run: async screen => {
    if (findChromium() === undefined && mayInstall()) {
      screen.write('Installing Chromium with apt-get; JOB_PAT_INSTALL=no keeps it from that.\n');
      installChromium();
    }
    if (findChromium() !== undefined) return mocha(NAME, ['tests/tab/**/*.test.ts']).run(screen);
    if ((process.env['CI'] ?? '') !== '') return whole(NAME, false);
    const why = 'there is no Chromium: install one, or name one in JOB_PAT_CHROMIUM';
    return { name: NAME, passed: 0, failed: 0, skipped: [why] };
  },
};

function mayInstall(): boolean {
  return canInstallChromium() && process.env['JOB_PAT_INSTALL'] !== 'no';
}
