import { jsonText } from '#text/json-text';
import type { Terminal } from './terminal.js';

/** A result for a program. What steers a terminal or the direction of reading is written as an escape. */
export function printJson(value: object, terminal: Terminal): void {
  terminal.print(jsonText(value));
}
