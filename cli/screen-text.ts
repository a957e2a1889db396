import { stripVTControlCharacters } from 'node:util';
import { plainTable } from '#text/table';

/** Columns that a text takes on a terminal. Letters of eastern scripts and emoji take two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text)))
    columns += WIDE_LETTER.test(segment) ? 2 : 1;
  return columns;
}

const graphemes = new Intl.Segmenter();
const WIDE_LETTER =
  /\p{Emoji_Presentation}|\p{sc=Han}|\p{sc=Hangul}|\p{sc=Hiragana}|\p{sc=Katakana}|[\u3000-\u303F\uFF01-\uFF60\uFFE0-\uFFE6]/u;

/**
 * Breaks lines at blanks so that none is wider than so many columns; a longer path goes on after a slash. What else has
 * no blank, such as an id or an address, stays whole. A line that goes on is indented like its start, and an item of a
 * list like its text.
 */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .map(line => (columnsOf(line) <= width ? line : wrapLine(line, width, '')))
    .join('\n');
}

/** A text behind a label; its further lines begin below the first word of it, where there is room for that. */
export function hanging(label: string, text: string, width: number): string {
  const indent = columnsOf(label);
  const room = width - indent;
  if (columnsOf(text) <= room) return label + text;
  const widest = Math.max(...text.split(' ').map(columnsOf));
  // An id that would break goes below its label.
  return widest <= room
    ? label + wrapLine(text, room, '').replaceAll('\n', `\n${' '.repeat(indent)}`)
    : `${label.trimEnd()}\n${wrapLine(`    ${text}`, width, '    ')}`;
}

function wrapLine(line: string, width: number, further: string): string {
  const [, indent = '', text = ''] = /^( *)(.*)$/s.exec(line) ?? [];
  const item = /^(?:- |\d+\. +)/.exec(text)?.[0].length ?? 0;
  const next = further === '' ? indent + ' '.repeat(item) : further;
  const lines: string[] = [];
  let current = '';
  const narrow = width - Math.max(indent.length, next.length);
  for (const [word, gap] of text.split(' ').flatMap(word => piecesOf(word, narrow))) {
    const longer = current === '' ? word : `${current}${gap}${word}`;
    const room = width - (lines.length === 0 ? indent : next).length;
    if (current !== '' && columnsOf(longer) > room) {
      lines.push(current);
      current = word;
    } else current = longer;
  }
  lines.push(current);
  return lines.map((part, at) => (at === 0 ? indent : next) + part).join('\n');
}

/** A word, and what is in front of it; one that no line could hold is a path, which goes on after a slash. */
function piecesOf(word: string, room: number): (readonly [word: string, gap: string])[] {
  const parts = columnsOf(word) <= room || word.includes('://') ? [word] : word.split(/(?<=\/)/);
  return parts.map((part, at) => [part, at === 0 ? ' ' : ''] as const);
}

/** A text of one line, cut so that it takes no more than so many columns. Colours are closed. */
export function cutTo(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = '';
  let columns = 0;
  // A colour stands for itself; everything else goes letter by letter.
  for (const part of text.split(COLOUR)) {
    if (part.startsWith('\u001B')) {
      kept += part;
      continue;
    }
    for (const { segment } of graphemes.segment(part)) {
      const more = columnsOf(segment);
      if (columns + more > width - 1) {
        columns = width;
        break;
      }
      kept += segment;
      columns += more;
    }
  }
  const open = kept.includes('\u001B') ? '\u001B[0m' : '';
  return `${kept}…${open}`;
}

// eslint-disable-next-line no-control-regex
const COLOUR = /(\u001B\[[\d;]*m)/;

/** A column of a list: the title, and how it is shown. */
export interface Column {
  readonly title: string;
  readonly paint?: (text: string) => string;
}

/**
 * A list for a person: a table where it fits, else an entry below the other, the first column as its head line. No
 * cell is cut and no word is broken.
 */
export function fittedTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  dim: (text: string) => string,
): string {
  const paint = (text: string, at: number) => (text === '' ? '' : (columns[at]?.paint?.(text) ?? text));
  const painted = rows.map(row => row.map(paint));
  const table = plainTable(
    columns.map(({ title }) => dim(title)),
    painted,
  );
  if (table.split('\n').every(line => columnsOf(line) <= width)) return table;
  const longest = Math.max(...columns.slice(1).map(({ title }) => title.length));
  return painted
    .map(([head = '', ...cells]) =>
      [
        wrapped(head, width),
        ...cells.flatMap((cell, at) => {
          const label = (columns[at + 1]?.title ?? '').toLowerCase().padEnd(longest);
          return cell === '' ? [] : [hanging(`  ${dim(label)}  `, cell, width)];
        }),
      ].join('\n'),
    )
    .join('\n\n');
}
