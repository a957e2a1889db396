import Table from 'cli-table3';

/** Columns without lines: a log is wide, but not as wide as names are long. */
const COLUMNS = {
  chars: Object.fromEntries(
    ['top', 'bottom', 'left', 'right', 'mid']
      .flatMap(edge => [edge, `${edge}-mid`, `${edge}-left`, `${edge}-right`])
      .concat('left-mid', 'mid-mid', 'right-mid', 'middle')
      .map(name => [name, '']),
  ),
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
};

/** A table for a log. Cells that hold text from outside have to be fit to print. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ ...COLUMNS, head: [...head] });
  table.push(...rows.map(row => [...row]));
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}
