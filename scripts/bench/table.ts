import Table from 'cli-table3';
import pc from 'picocolors';

/** A table whose first column is text and whose others are numbers. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: head.map(text => pc.bold(text)),
    style: { head: [], border: [] },
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
  });
  table.push(...rows.map(row => [...row]));
  return table.toString();
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
