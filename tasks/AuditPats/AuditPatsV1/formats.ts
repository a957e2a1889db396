import { wellFormed } from '#text/cut-text';
import { sanitize } from '#text/sanitize';

/** Longest text in a cell of a table that people read. */
const LONGEST_CELL = 128;

/** Everything that Markdown, HTML, a mention or a link begins with. */
const MARKUP = /[&<>\\`*_{}[\]()#+!|~@$^"']|:(?=\/\/)/g;

/**
 * Text from outside as plain text within a Markdown table: one line, at most 128 characters, no table cell, markup,
 * HTML, link or mention of its own.
 */
export function markdownText(text: string, longest = LONGEST_CELL): string {
  return sanitize(text, longest)
    .replace(MARKUP, character => `&#${character.charCodeAt(0)};`)
    .replace(/\bwww\./gi, match => `${match.slice(0, -1)}&#46;`);
}

/**
 * What makes a spreadsheet calculate, at the start of a cell: in some languages the wide and small forms do, too. A
 * spreadsheet that parts at something else than the comma (semicolon, tab, bar) sees cells within a field as well, and
 * takes quotes off where it finds them.
 */
const FORMULA =
  /(^|[;,|:\t])([\s"']*)(?=[=+\-@%\u2212\uFE62\uFE63\uFE66\uFE6B\uFF05\uFF0B\uFF0D\uFF1D\uFF20|])/gu;

/** A quoted field of RFC 4180 which no spreadsheet takes for a formula, in whatever it parts its cells. */
export function csvField(text: string): string {
  const plain = sanitize(text, 10_000).replace(FORMULA, "$1$2'");
  return `"${plain.replaceAll('"', '""')}"`;
}

/**
 * JSON that stays data wherever its text ends up: in a web page, in a log, in a terminal. What is special there is
 * written as an escape; who parses it gets the text as it was.
 */
export function inertJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'string' ? wellFormed(member) : member,
  )
    .replace(/[<>&\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, escaped)
    .replace(/##(?=vso\[|\[)/gi, '#\\u0023');
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}

/** Text from outside within a message of SARIF, where brackets make links and braces are places to fill. */
export function sarifText(text: string): string {
  return sanitize(text, LONGEST_CELL).replace(/[[{]/g, '(').replace(/[\]}]/g, ')');
}
