import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cutTo } from '../../cli/screen-text.js';

/** A pipeline file, and what it shows. */
export interface Example {
  readonly file: string;
  readonly shows: string;
}

/**
 * The pipeline files of a folder in the order of its README.md, whose table says what each shows; what it does not name
 * comes last, with the first sentence of the file.
 */
export function examplesIn(folder: string): Example[] {
  const files = readdirSync(folder)
    .filter(name => /\.ya?ml$/.test(name))
    .sort();
  const readme = join(folder, 'README.md');
  const index = existsSync(readme) ? indexOf(readFileSync(readme, 'utf8')) : [];
  const named = index.filter(({ file }) => files.includes(file));
  const others = files
    .filter(file => !named.some(example => example.file === file))
    .map(file => ({ file, shows: firstSentence(readFileSync(join(folder, file), 'utf8')) }));
  return [...named, ...others];
}

/** The rows of the tables of a page whose first cell links to files. */
export function indexOf(page: string): Example[] {
  return page.split('\n').flatMap(line => {
    const [, links = '', shows = ''] = /^\| (\[.*?\)) \| (.*?) *\|$/.exec(line) ?? [];
    return [...links.matchAll(/\]\(([\w./-]+)\)/g)].map(([, file = '']) => ({
      file,
      shows: shows.replaceAll('`', ''),
    }));
  });
}

function firstSentence(text: string): string {
  const comment = /^(?:#.*\n)+/.exec(text)?.[0] ?? '';
  const words = comment.replaceAll(/^# ?/gm, '').replaceAll('\n', ' ');
  return /^.*?[.:](?= |$)/.exec(words)?.[0].slice(0, -1) ?? words.trim();
}

/** The list for a screen of so many columns, with the command that runs one of them. */
export function exampleList(folder: string, width: number): string[] {
  const examples = examplesIn(folder);
  const longest = Math.max(0, ...examples.map(({ file }) => file.length));
  return [
    `Run one of these with: npm run agent -- ${join(relative(process.cwd(), folder), 'NAME.yml')}`,
    '',
    ...examples.map(({ file, shows }) => cutTo(`  ${file.padEnd(longest)}  ${shows}`, width)),
  ];
}
