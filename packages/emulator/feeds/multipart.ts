import { headerOf, type Call } from '../http/call.js';

/** One part of a form. */
export interface Part {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly content: Buffer;
}

const MOST_PARTS = 200;
const EMPTY_LINE = Buffer.from('\r\n\r\n');

/** The parts of a multipart/form-data body (RFC 7578); undefined when it is none. */
export function multipart(call: Call): readonly Part[] | undefined {
  const type = headerOf(call, 'content-type') ?? '';
  const [, quoted, bare] =
    /^multipart\/form-data;.*\bboundary=(?:"([^"]{1,70})"|([^\s;,]{1,70}))/i.exec(type) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return undefined;
  const parts: Part[] = [];
  const mark = Buffer.from(`--${boundary}`);
  // The first mark stands at the beginning of a line, as all others do.
  const body = Buffer.concat([Buffer.from('\r\n'), call.body]);
  const lineMark = Buffer.concat([Buffer.from('\r\n'), mark]);
  for (let at = body.indexOf(lineMark); at >= 0 && parts.length <= MOST_PARTS;) {
    const begin = at + lineMark.length;
    if (body.subarray(begin, begin + 2).toString('latin1') === '--') return parts;
    const end = body.indexOf(lineMark, begin);
    const part = end < 0 ? undefined : partOf(body.subarray(begin, end));
    if (part === undefined) return undefined;
    parts.push(part);
    at = end;
  }
  return undefined;
}

function partOf(bytes: Buffer): Part | undefined {
  const end = bytes.indexOf(EMPTY_LINE);
  if (end < 0) return undefined;
  const head = bytes.subarray(0, end).toString('utf8');
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1] ?? '';
  return {
    name: parameterIn(disposition, 'name') ?? '',
    fileName: parameterIn(disposition, 'filename'),
    content: bytes.subarray(end + EMPTY_LINE.length),
  };
}

function parameterIn(disposition: string, name: string): string | undefined {
  const [, quoted, bare] =
    new RegExp(`(?:^|[;\\s])${name}=(?:"([^"\\r\\n]*)"|([^\\s;]+))`, 'i').exec(disposition) ?? [];
  return quoted ?? bare;
}
