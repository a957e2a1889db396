import { redact } from './redact.js';

/**
 * Makes text from outside fit to print: one line, no control characters, and nothing that the agent takes for a
 * logging command or a formatting prefix (`##vso[` anywhere in a line, `##[` at its start). A service may send back
 * the secret it was sent: that goes before the text is cut, since a part of a secret is masked by nobody.
 *
 * @param longest characters kept, the rest is replaced by an ellipsis
 */
export function sanitize(text: string, longest = 300): string {
  const line = escapeLoggingCommands(redact(text)).replace(/\n+/g, ' ').trim();
  return line.length > longest ? `${whole(line.slice(0, longest))}…` : line;
}

/**
 * Makes text that may have several lines fit to print: no logging commands, and no character that steers a terminal
 * or turns the direction of reading. The last look at everything a task says.
 */
export function escapeLoggingCommands(text: string): string {
  if (!PLAIN.test(text)) return escapeUnicode(text);
  return text.includes('##') ? text.replace(PLAIN_COMMAND, '**') : text;
}

/** Nothing but what is seen, and line feeds. There a command looks like this. */
const PLAIN = /^[\n\x20-\x7e]*$/;
const PLAIN_COMMAND = /##(?=(?:vso)?\[)/gi;

/** In a function, since Node.js reads the tables of Unicode when it meets an expression that needs them; most texts are plain. */
function escapeUnicode(text: string): string {
  // What a reader does not see: controls, format and direction marks, separators of lines, halves of characters, variation
  // selectors and fillers. A blank takes its place, so that nothing grows together that was apart.
  const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]+/gu;
  // `##` before `vso[` or `[`, also with marks in between that belong to the letter before: a search by the rules of a
  // language, which is how older agents look, passes over them.
  const command = /#(\p{M}*)#(?=\p{M}*(?:v\p{M}*s\p{M}*o\p{M}*)?\[)/giu;
  return text
    .replace(unseen, found => (found.includes('\n') ? '\n'.repeat(found.split('\n').length - 1) : ' '))
    .replace(command, (_, between: string) => `*${between}*`);
}

/** Without half a character at the cut. */
function whole(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}
