/**
 * A word for `sh` that means the text and nothing else, whatever it holds. What cannot be seen, turns a text round or
 * starts a logging command is written as its bytes.
 *
 * @param text of one line
 */
export function shellWord(text: string): string {
  if (/^[\w./:@%+-]+$/.test(text)) return text;
  if (!HIDDEN.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const format = text
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')
    .replaceAll("'", '\\047')
    .replace(new RegExp(HIDDEN, 'giu'), bytesOf);
  return `"$(printf '${format}')"`;
}

/** A line of several words. */
export function shellLine(...words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|#(?=#(?:vso)?\[)/iu;

function bytesOf(character: string): string {
  return [...Buffer.from(character, 'utf8')].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/**
 * The command that prints a line in which a variable of the shell stands at some places.
 *
 * @param parts the line, cut at these places
 */
export function printing(parts: readonly string[], variable: string): string {
  return `printf '%s\\n' ${parts.map(part => (part === '' ? '' : shellWord(part))).join(`"$${variable}"`)}`;
}
