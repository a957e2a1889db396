import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../../../scripts/paths.js';

const pages = [
  'README.md',
  'overview.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'cli/README.md',
  'examples/README.md',
]
  .map(name => join(root, name))
  .concat(
    readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.md'))
      .map(name => join(root, 'docs', name)),
  );

/** Headings from which on a reader needs a list of them. */
const MANY = 6;

describe('Every page', () => {
  for (const page of pages) {
    const name = relative(root, page);
    const lines = proseOf(readFileSync(page, 'utf8'));

    it(`${name}: each link leads to a file and a heading that exist`, () => {
      const broken = linksIn(lines).filter(link => !leads(link, page));
      assert.deepEqual(broken, []);
    });

    it(`${name}: each picture exists, light and dark, and says in words what it shows`, () => {
      for (const { files, alt } of picturesIn(lines)) {
        assert.ok(alt.length > 30, `${files.join()} has no words`);
        for (const file of files) assert.ok(existsSync(join(dirname(page), file)), file);
        if (name !== 'overview.md' && files.some(file => file.endsWith('.png')))
          assert.equal(files.length, 2, `${files.join()} is there in one theme alone`);
      }
    });

    it(`${name}: each row of a table has a cell for every column`, () => {
      assert.deepEqual(rowsWithOtherCells(lines), []);
    });

    if (!name.startsWith('docs/tasks'))
      it(`${name}: a long page begins with its contents`, () => {
        const headings = lines.filter(line => line.startsWith('## ')).map(line => slug(line.slice(3)));
        if (headings.length < MANY || name === 'docs/decisions.md') return;
        const linked = new Set(
          linksIn(lines)
            .filter(link => link.startsWith('#'))
            .map(link => link.slice(1)),
        );
        assert.deepEqual(
          headings.filter(heading => !linked.has(heading)),
          [],
        );
      });
  }
});

/** The lines that are no code. */
function proseOf(markdown: string): string[] {
  let fence: string | undefined;
  return markdown.split('\n').filter(line => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined && mark !== undefined) fence = mark;
    else if (mark !== undefined && fence !== undefined && mark.startsWith(fence)) {
      fence = undefined;
      return false;
    }
    return fence === undefined;
  });
}

function linksIn(lines: readonly string[]): string[] {
  const text = lines.join('\n').replace(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(match => match[1] ?? '');
}

interface Picture {
  readonly files: readonly string[];
  readonly alt: string;
}

/** Pictures as Markdown has them, and those with a source for the dark theme. */
function picturesIn(lines: readonly string[]): Picture[] {
  const text = lines.join('\n');
  return [
    ...[...text.matchAll(/!\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, alt = '', file = '']) => ({
      files: [file],
      alt,
    })),
    ...[...text.matchAll(/<picture>([^]*?)<\/picture>/g)].map(([, inside = '']) => ({
      files: [...inside.matchAll(/(?:srcset|src)="([^"]+)"/g)].map(([, file = '']) => file),
      alt: /alt="([^"]*)"/.exec(inside)?.[1] ?? '',
    })),
  ];
}

function leads(link: string, page: string): boolean {
  // Pages of GitHub itself, beside the repository's files.
  if (/^(https?:|mailto:)/.test(link) || link.startsWith('../../security/')) return true;
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(file)) return false;
  if (anchor === undefined || !statSync(file).isFile() || !file.endsWith('.md')) return anchor === undefined;
  return anchorsOf(proseOf(readFileSync(file, 'utf8'))).has(anchor);
}

/** As GitHub makes them: a heading that comes twice gets a number. */
function anchorsOf(lines: readonly string[]): Set<string> {
  const anchors = new Set<string>();
  for (const line of lines) {
    for (const match of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(match[1] ?? '');
    const heading = /^#{1,6} (.+)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    let anchor = slug(heading);
    for (let number = 1; anchors.has(anchor); number += 1) anchor = `${slug(heading)}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}

function slug(heading: string): string {
  return heading
    .replace(/\]\([^)]*\)/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');
}

function rowsWithOtherCells(lines: readonly string[]): string[] {
  let columns: number | undefined;
  return lines.filter((line, index) => {
    if (!line.trimStart().startsWith('|')) {
      columns = undefined;
      return false;
    }
    const isHead = columns === undefined && /^\s*\|[\s:|-]+\|\s*$/.test(lines[index + 1] ?? '');
    if (isHead) columns = cellsIn(line);
    return columns !== undefined && cellsIn(line) !== columns;
  });
}

function cellsIn(row: string): number {
  return (
    row
      .replace(/\\\|/g, '')
      .replace(/`[^`]*`/g, '')
      .split('|').length - 2
  );
}
