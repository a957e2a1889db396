/** A logging command as a process printed it, unescaped. */
export interface LoggingCommand {
  /** Lower case. */
  readonly area: string;
  /** Lower case. */
  readonly event: string;
  /** Keys are lower case. */
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

const marker = '##vso[';

/**
 * Finds the one command of a line: the first `##vso[` anywhere, up to the first `]` behind it.
 * Returns undefined if the line holds none; never throws. The rules are those of the agent's own parser.
 */
export function parseLoggingCommand(line: string): LoggingCommand | undefined {
  const start = line.indexOf(marker);
  if (start < 0) return undefined;
  const end = line.indexOf(']', start);
  if (end < 0) return undefined;

  const head = line.slice(start + marker.length, end);
  const space = head.indexOf(' ');
  const name = space < 0 ? head : head.slice(0, space);
  const [area, event, ...more] = name.split('.').filter(part => part !== '');
  if (area === undefined || event === undefined || more.length > 0) return undefined;

  return {
    area: area.toLowerCase(),
    event: event.toLowerCase(),
    properties: space < 0 ? new Map() : parseProperties(head.slice(space + 1)),
    data: unescapeCommandText(line.slice(end + 1)),
  };
}

function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const pair of text.split(';')) {
    const equals = pair.indexOf('=');
    if (equals <= 0 || equals === pair.length - 1) continue;
    properties.set(pair.slice(0, equals).toLowerCase(), unescapeCommandText(pair.slice(equals + 1)));
  }
  return properties;
}

/** Undoes the escapes one after the other, `%AZP25` last, so that `%AZP250A` stays the text `%0A`. */
export function unescapeCommandText(text: string): string {
  return text
    .replaceAll('%3B', ';')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%5D', ']')
    .replaceAll('%AZP25', '%');
}

/** The form a value takes in the data of a command. */
export function escapeCommandData(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
