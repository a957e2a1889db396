import { wrapped } from '../cli/screen-text.js';

/** Of a terminal that does not tell its width, and of a table that is written into a file. */
const USUAL = 80;

/** Columns that a table may take. */
export function screenColumns(): number {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? columns : USUAL;
}

/** A text for the terminal that shows it, broken between words; as it is where there is none. */
export function onScreen(text: string): string {
  return process.stdout.isTTY ? wrapped(text, screenColumns()) : text;
}
