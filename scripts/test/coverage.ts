import { transformSync } from 'esbuild';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import Table from 'cli-table3';
import pc from 'picocolors';
import { asObject, parseJson } from '#text/json';
import { root } from '../paths.js';
import type { Screen } from './part.js';
import { runProgram } from './program.js';

/** Lines that have to run, in percent, by the start of a path; a path belongs to the longest start that fits. */
export type Floors = Readonly<Record<string, number>>;

interface Lines {
  readonly total: number;
  readonly covered: number;
}

export interface Covered {
  readonly isEnough: boolean;
  /** A line for the list at the end. */
  readonly notes: readonly string[];
}

/** Reads what V8 counted, prints a table of the folders that have a floor, and says whether each is reached. */
export async function coverageNotes(folder: string, floors: Floors, screen: Screen): Promise<Covered> {
  const reports = join(folder, 'report');
  const status = await runProgram(
    process.execPath,
    [
      ...['node_modules/c8/bin/c8.js', 'report', '--temp-directory', folder, '--reports-dir', reports],
      ...['--reporter', 'json-summary', '--all', '--merge-async'],
      // Bundles that tests make lie elsewhere; what they are made of lies here.
      ...['--allowExternal', '--exclude-after-remap'],
      ...Object.keys(floors).flatMap(start => ['--include', `**/${start}**/*.ts`]),
    ],
    screen,
  );
  if (status !== 0) return { isEnough: false, notes: ['coverage could not be read'] };
  const rows = byFloor(await readFile(join(reports, 'coverage-summary.json'), 'utf8'), floors);
  const table = new Table({ head: ['', 'lines', 'covered', 'floor'], style: { head: [], border: [] } });
  for (const { start, lines, floor } of rows)
    table.push([start, String(lines.total), shown(lines, floor), `${floor} %`]);
  screen.write(`\nCoverage of lines by the unit tests\n${table.toString()}\n`);
  const low = rows.filter(({ lines, floor }) => percent(lines) < floor);
  return {
    isEnough: low.length === 0,
    notes:
      low.length === 0
        ? [
            `lines covered: ${rows.map(({ start, lines }) => `${start} ${percent(lines).toFixed(1)} %`).join(', ')}`,
          ]
        : low.map(({ start, lines, floor }) =>
            pc.red(`${start}: ${percent(lines).toFixed(1)} % of lines covered, below ${floor} %`),
          ),
  };
}

function byFloor(
  json: string,
  floors: Floors,
): { readonly start: string; readonly lines: Lines; readonly floor: number }[] {
  const files = Object.entries(asObject(parseJson(json)) ?? {})
    .filter(([path]) => path !== 'total' && hasCode(path))
    .map(([path, file]) => ({ path: relative(root, path), lines: linesOf(file) }));
  const starts = Object.keys(floors).sort((a, b) => b.length - a.length);
  return Object.entries(floors).map(([start, floor]) => {
    const own = files.filter(({ path }) => starts.find(one => path.startsWith(one)) === start);
    const sum = (of: keyof Lines) => own.reduce((sum, { lines }) => sum + lines[of], 0);
    return { start, floor, lines: { total: sum('total'), covered: sum('covered') } };
  });
}

/** A file of types alone never runs. */
function hasCode(path: string): boolean {
  return (
    transformSync(readFileSync(path, 'utf8'), { loader: 'ts' })
      .code.replace(/^import .*$/gm, '')
      .trim() !== ''
  );
}

function linesOf(file: unknown): Lines {
  const lines = asObject(asObject(file)?.['lines']) ?? {};
  return { total: Number(lines['total']), covered: Number(lines['covered']) };
}

function percent({ total, covered }: Lines): number {
  return total === 0 ? 0 : (100 * covered) / total;
}

function shown(lines: Lines, floor: number): string {
  const text = `${percent(lines).toFixed(1)} %`;
  return percent(lines) < floor ? pc.red(text) : text;
}
