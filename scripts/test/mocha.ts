import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { asObject, parseJson } from '#text/json';
import { coverageNotes, type Floors } from './coverage.js';
import type { Part, Result, Screen } from './part.js';
import { runProgram } from './program.js';

const MOCHA = 'node_modules/mocha/lib/cli/cli.js';

export interface MochaOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Measures which lines run; below a floor the part fails. */
  readonly floors?: Floors;
}

/** Tests that mocha runs: each counts by itself. */
export function mocha(name: string, files: readonly string[], options: MochaOptions = {}): Part {
  return { name, run: screen => runMocha(name, files, options, screen) };
}

async function runMocha(
  name: string,
  files: readonly string[],
  { environment = {}, floors }: MochaOptions,
  screen: Screen,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'job-pat-test-'));
  const report = join(folder, 'counts.json');
  const coverage = join(folder, 'coverage');
  try {
    const status = await runProgram(
      process.execPath,
      [
        ...['--import', 'tsx/esm'],
        // V8 throws away the bytecode of functions that have not run for a while, and their counts with it.
        ...(floors === undefined ? [] : ['--no-flush-bytecode']),
        MOCHA,
        process.stdout.isTTY ? '--color' : '--no-color',
        '--reporter',
        'scripts/test/counting-reporter.cjs',
        ...files,
      ],
      countingScreen(screen),
      {
        ...environment,
        JOB_PAT_TEST_COUNTS: report,
        ...(floors !== undefined && { NODE_V8_COVERAGE: coverage }),
      },
    );
    const { passed, failed, skipped } = await readCounts(report);
    // A run that broke off, or that found no test, is a failure of its own.
    const broken = (status !== 0 && failed === 0) || passed + failed === 0;
    const covered = floors === undefined ? undefined : await coverageNotes(coverage, floors, screen);
    return {
      name,
      passed: passed + (covered?.isEnough === true ? 1 : 0),
      failed: failed + (broken ? 1 : 0) + (covered?.isEnough === false ? 1 : 0),
      skipped,
      ...(covered !== undefined && { notes: covered.notes }),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Tells how many have passed so far, by the marks of mocha's own list. */
function countingScreen(screen: Screen): Screen {
  let [passed, failed] = [0, 0];
  return {
    ...screen,
    write(text) {
      screen.write(text);
      const plain = stripVTControlCharacters(text);
      passed += plain.match(/^ +[✔√]/gmu)?.length ?? 0;
      failed += plain.match(/^ +\d+\) (?=\S)/gmu)?.length ?? 0;
      screen.stands(`${passed} passed${failed === 0 ? '' : `, ${failed} failed`}`);
    },
  };
}

async function readCounts(report: string): Promise<Pick<Result, 'passed' | 'failed' | 'skipped'>> {
  if (!existsSync(report)) return { passed: 0, failed: 0, skipped: [] };
  const counts = asObject(parseJson(await readFile(report, 'utf8'))) ?? {};
  const skipped = Array.isArray(counts['skipped']) ? counts['skipped'].map(String) : [];
  return { passed: Number(counts['passed']), failed: Number(counts['failed']), skipped };
}
