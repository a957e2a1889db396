import Table from 'cli-table3';
import pc from 'picocolors';
import { columnsOf, fittedTable, wrapped } from '../../cli/screen-text.js';
import { screenColumns } from '../screen.js';

const GAP = 2;
/** Of the first column, which gives way where the others leave little. */
const NARROWEST = 16;

/** A table whose first column is text and whose others are numbers, no wider than the screen. */
export function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  screen = screenColumns(),
): string {
  const widths = widthsFor(head, rows, screen);
  if (totalOf(widths) > screen)
    return fittedTable(
      head.map(title => ({ title })),
      rows,
      screen,
      pc.dim,
    );
  const cells = (row: readonly string[]) => row.map((cell, at) => wrapped(cell, widths[at] ?? 0));
  const table = new Table({
    chars: LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
  });
  table.push(...[cells(head).map(bold), widths.map(width => pc.dim('─'.repeat(width))), ...rows.map(cells)]);
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}

/** Titles give way where they have to, a word to a line; then the first column does. */
function widthsFor(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  screen: number,
): readonly number[] {
  const widest = (titleOf: (title: string) => readonly string[]) =>
    head.map((title, at) =>
      Math.max(...[...titleOf(title), ...rows.map(row => row[at] ?? '')].map(columnsOf)),
    );
  const whole = widest(title => [title]);
  if (totalOf(whole) <= screen) return whole;
  const [first = 0, ...others] = widest(title => title.split(' '));
  const room = screen - totalOf(others) - GAP;
  return [Math.min(first, Math.max(NARROWEST, room)), ...others];
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP, -GAP);
}

/** Blanks between columns, and nothing else. */
const LINES = {
  ...Object.fromEntries(
    ['top', 'bottom', 'left', 'right', 'mid']
      .flatMap(edge => [edge, `${edge}-mid`, `${edge}-left`, `${edge}-right`])
      .concat('left-mid', 'mid-mid', 'right-mid')
      .map(name => [name, '']),
  ),
  middle: ' '.repeat(GAP),
};

/** Each line by itself: a colour that goes over the end of a line would colour the next column. */
function bold(text: string): string {
  return text.split('\n').map(pc.bold).join('\n');
}

export function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** @param kilobytes as the system counts memory */
export function megabytes(kilobytes: number): string {
  return `${(kilobytes / 1024).toFixed(0)} MB`;
}

export function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KB`;
}
