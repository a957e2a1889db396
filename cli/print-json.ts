import type { Terminal } from './terminal.js';

/** A result for a program. What steers a terminal or the direction of reading is written as an escape. */
export function printJson(value: object, terminal: Terminal): void {
  terminal.print(jsonText(value));
}

/** JSON whose text no terminal and no log takes for anything else; a reader gets every character back. */
export function jsonText(value: object): string {
  return JSON.stringify(value, undefined, 2).replace(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|##(?=\[|vso\[)/gu,
    escaped,
  );
}

function escaped(text: string): string {
  return text.startsWith('#')
    ? '\\u0023#'
    : Array.from({ length: text.length }, (_, at) => unit(text.charCodeAt(at))).join('');
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
