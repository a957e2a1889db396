import { jsonText } from '../tasks/common/text/json-text.js';
import type { Terminal } from './terminal.js';

/** A result for a program. What steers a terminal or the direction of reading is written as an escape. */
export function printJson(value: object, terminal: Terminal): void {
  terminal.print(jsonText(value));
}
