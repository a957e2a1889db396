import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const KNOWN = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** A Chromium on this machine: the one named by JOB_PAT_CHROMIUM, else where systems have it. */
export function findChromium(): string | undefined {
  const named = process.env['JOB_PAT_CHROMIUM'];
  return named ?? KNOWN.find(path => existsSync(path));
}

/** Whether `installChromium` can do anything here: on Debian and its kin, as root. */
export function canInstallChromium(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** Installs the system's own Chromium, and tells where it is; undefined when that failed. */
export function installChromium(): string | undefined {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const packages = ['chromium', 'fonts-dejavu-core'];
  for (const command of [
    ['update', '-q'],
    ['install', '-yq', '--no-install-recommends', ...packages],
  ]) {
    const { status } = spawnSync('apt-get', command, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment,
    });
    if (status !== 0) return undefined;
  }
  return findChromium();
}
