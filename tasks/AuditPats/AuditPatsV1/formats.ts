import { outsideText } from '../../common/text/outside-text.js';

/** Longest text in a cell of a table that people read. */
const LONGEST_CELL = 128;

/** Everything that Markdown, HTML, a mention or a link begins with. */
const MARKUP = /[&<>\\`*_{}[\]()#+!|~@$^"']|:(?=\/\/)/g;

/**
 * Text from outside as plain text within a Markdown table: one line, at most 128 characters, no table cell, markup,
 * HTML, link or mention of its own.
 */
export function markdownText(text: string, longest = LONGEST_CELL): string {
  return outsideText(text, longest)
    .replace(MARKUP, character => `&#${character.charCodeAt(0)};`)
    .replace(/\bwww\./gi, match => `${match.slice(0, -1)}&#46;`);
}

/** What makes a spreadsheet calculate; in some languages the wide forms do, too. */
const FORMULA = /^[=+\-@\t\r\n|%\uFF1D\uFF0B\uFF0D\uFF20]/u;

/** A quoted field of RFC 4180 which no spreadsheet takes for a formula. */
export function csvField(text: string): string {
  const line = outsideText(text, 10_000);
  const plain = FORMULA.test(line) || /^\s*[\t\r]/.test(text) ? `'${line}` : line;
  return `"${plain.replaceAll('"', '""')}"`;
}

/**
 * JSON that stays data wherever its text ends up: in a web page, in a log, in a terminal. What is special there is
 * written as an escape; who parses it gets the text as it was.
 */
export function inertJson(value: unknown): string {
  return JSON.stringify(value)
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
  return outsideText(text, LONGEST_CELL).replace(/[[{]/g, '(').replace(/[\]}]/g, ')');
}
