import type { CommanderError } from 'commander';
import { asGuid } from '#text/json';
import { mayBeSecret, typedText } from './typed-text.js';

/** Options that only say that a secret will be given; one written behind them would be seen by every process. */
const SECRET_OPTIONS = ['--client-secret', '--refresh-token', '--entra-token'];

/**
 * What is wrong with a command line that carries a secret, in words that do not repeat it; undefined: nothing. What
 * stands behind `--` belongs to the command that is run.
 */
export function secretArgument(line: readonly string[]): string | undefined {
  const end = line.indexOf('--');
  const argv = end < 0 || line[0] !== 'exec' ? line : line.slice(0, end);
  for (const [at, argument] of argv.entries()) {
    const [name = ''] = argument.split('=', 1);
    const option = SECRET_OPTIONS.find(secret => secret === name);
    if (option === undefined) continue;
    const next = argv[at + 1];
    // An id may follow, as an argument of its own; nothing else that follows is told from a secret.
    const behind = next !== undefined && !next.startsWith('-') && asGuid(next) === undefined;
    if (argument.includes('=') || behind)
      return `${option} takes no value: other processes could read it. Leave it out, and you are asked; what else the command takes stands in front of it.`;
  }
  if (argv.some(argument => !argument.startsWith('-') && isToken(argument)))
    return 'an argument looks like a token. Other processes can read it: revoke it, and give authorization ids or names here.';
  return undefined;
}

/** What Entra hands out: a signed token, or a refresh token. */
function isToken(text: string): boolean {
  return /^(ey[\w-]{10,}\.[\w-]+\.[\w-]*|[01]\.A[\w.-]{60,})$/.test(text.trim());
}

/** An error of usage in words that show no more of what was typed than a name. */
export function usageError({ code, message }: CommanderError): string {
  const said = message.replace(/^error: /, '');
  // What was typed stands in quotes; so do the flags of an option, which are ours.
  return code === 'commander.unknownOption' || code === 'commander.unknownCommand'
    ? said.replace(/'([^]*)'/, (_, typed: string) => `'${typedName(typed)}'`)
    : said.replace(/'([^']*)'/g, (whole, typed: string) =>
        mayBeSecret(typed) ? `'${typedText(typed)}'` : whole,
      );
}

/** An option up to its value, a short one its letter, a command as far as a command may be called so. */
function typedName(typed: string): string {
  const long = /^--[a-z]+(?:-[a-z]+)*(?=$|=)/.exec(typed)?.[0];
  if (long !== undefined && long.length <= LONGEST_OPTION) return long;
  if (typed.startsWith('--')) return '--…';
  if (typed.startsWith('-')) return typed.length > 2 ? `${typed.slice(0, 2)}…` : typed;
  return /^[a-z-]{1,20}$/.test(typed) ? typed : `${typed.slice(0, 2)}…`;
}

const LONGEST_OPTION = 28;
