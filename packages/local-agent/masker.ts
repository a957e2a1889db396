import { escapeCommandData } from './logging-command.js';

const mask = '***';
const urlPassword = /(?<=\/\/[^\s:/?#@]+:)[^\s/?#@]+(?=@)/g;

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Replaces secrets in log lines, and is as narrow as the agent's own masker: whole values, in three encodings. It knows base64 only of the secret variables that the job started with.
 */
export class SecretMasker {
  readonly #values = new Set<string>();

  /** Registers one value as it is, and in the three encodings that the agent tries. */
  add(value: string): void {
    if (value.trim() === '') return;
    for (const form of [value, jsonStringEscape(value), uriDataEscape(value), backslashForm(value)]) {
      if (form !== '') this.#values.add(form);
    }
  }

  /** Registers a variable's value as the run-time commands do: with its command-escaped form. */
  addVariable(value: string): void {
    this.add(value);
    this.add(escapeCommandData(value));
  }

  /** Registers a secret variable that is known at job start: these alone get trimmed forms and base64. */
  addInitialVariable(value: string): void {
    if (value.trim() === '') return;
    const base64 = Buffer.from(value, 'utf8').toString('base64');
    const lines = value.split(/\r\n|\r|\n/);
    const trimmedLineEndings =
      lines.length > 1 ? lines.slice(0, lines.at(-1) === '' ? -1 : undefined).join('\n') : value;
    for (const form of [value, withoutQuotes(value), value.trim(), trimmedLineEndings, base64])
      this.addVariable(form);
  }

  /**
   * Masks a line of output, or the decoded text of a command as a whole: so a value of several lines is found in an
   * issue, and never in what a process prints.
   */
  mask(text: string): string {
    const spans: Span[] = [];
    for (const value of this.#values) {
      for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
        spans.push({ start: at, end: at + value.length });
      }
    }
    for (const match of text.matchAll(urlPassword)) {
      spans.push({ start: match.index, end: match.index + match[0].length });
    }
    return spans.length === 0 ? text : replaceSpans(text, spans);
  }

  /** How many registered values a text holds: for files, which the agent does not mask. */
  countSecretsIn(text: string): number {
    let count = 0;
    for (const value of this.#values) if (value.length > 3 && text.includes(value)) count += 1;
    return count;
  }
}

/** Overlapping and adjacent spans become one mask. */
function replaceSpans(line: string, spans: Span[]): string {
  let masked = '';
  let done = 0;
  let maskedUpTo = -1;
  for (const { start, end } of spans.sort((a, b) => a.start - b.start)) {
    if (start > maskedUpTo) masked += line.slice(done, start) + mask;
    maskedUpTo = Math.max(maskedUpTo, end);
    done = maskedUpTo;
  }
  return masked + line.slice(done);
}

function withoutQuotes(value: string): string {
  const quoted = /^(["'])([\s\S]*)\1$/.exec(value);
  return quoted?.[2] ?? value;
}

function jsonStringEscape(value: string): string {
  return JSON.stringify(value)
    .slice(1, -1)
    .replace(/[\u0085\u2028\u2029]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function uriDataEscape(value: string): string {
  const wellFormed = Buffer.from(value, 'utf8').toString('utf8');
  return encodeURIComponent(wellFormed).replace(
    /[!'()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** What a shell makes of the value when it takes backslashes for escapes. */
function backslashForm(value: string): string {
  return value.replaceAll('\\\\', '\\').replaceAll("\\'", "'").replaceAll('\\"', '"').replaceAll('\\t', '\t');
}
