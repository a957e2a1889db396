/**
 * The forms in which a secret shows up in logs. The agent masks the value itself and its JSON, URI and backslash
 * spellings; it knows no base64, which is what git, NuGet and npm print, and what `base64` and `openssl` break into
 * lines.
 *
 * @returns the value; its base64 alone and as `:value`, with and without padding; for each of the three alignments the
 *   part of base64 that does not depend on what stands around the value, so that base64 of `anyuser:value` is covered
 *   too; its percent-encoded spellings; and, of a value no longer than a PAT or a client secret, the same of its UTF-16
 *   (PowerShell's `-EncodedCommand`), and the pieces that base64 in lines of 64 or 76 letters leaves of it
 */
export function secretEncodings(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const wide = Buffer.from(secret, 'utf16le');
  const encoded = [secret, bytes.toString('base64'), basicCredential(secret)];
  for (const before of ALIGNMENTS) encoded.push(innerBase64(bytes, before));
  const isShort = bytes.length <= LONGEST_IN_LINES;
  if (isShort) {
    encoded.push(wide.toString('base64'));
    for (const before of ALIGNMENTS) encoded.push(innerBase64(wide, before));
  }
  const unpadded = encoded.map(form => form.replace(/=+$/, ''));
  const inLines = isShort ? [...linesOf(bytes, 1), ...linesOf(wide, 2)] : [];
  const urlSafe = [...unpadded.slice(1), ...inLines].map(form =>
    form.replaceAll('+', '-').replaceAll('/', '_'),
  );
  const all = [...encoded, ...unpadded, ...urlSafe, ...percentEncoded(bytes.toString('utf8')), ...inLines];
  return [...new Set(all)].filter(form => form.length >= SHORTEST_MASKED);
}

/** What an `Authorization: Basic` header carries for a PAT: base64 of `:PAT`, on one line. */
export function basicCredential(pat: string): string {
  return Buffer.from(`:${pat}`, 'utf8').toString('base64');
}

/** Masking a short text blackens innocent words all over the log. */
const SHORTEST_MASKED = 6;
/** Bytes, modulo 3, that stand before a value in what is encoded. */
const ALIGNMENTS = [0, 1, 2] as const;
/** Bytes: a PAT has 84, a client secret 40. Tokens of thousands would become thousands of pieces. */
const LONGEST_IN_LINES = 128;
/** Letters of a piece: too many to stand anywhere by accident. Half of it is the step from one piece to the next. */
const PIECE = 16;

/**
 * Base64 in lines breaks a value where nobody knows, but always behind a group of four letters. Overlapping pieces of
 * it cover most of whatever stands on one line; the exact lines of the value alone, and behind a colon, cover all.
 *
 * @param width bytes of a letter
 */
function linesOf(value: Buffer, width: 1 | 2): string[] {
  const lines: string[] = [];
  const colon = Buffer.from(':', width === 1 ? 'utf8' : 'utf16le');
  for (const before of [Buffer.alloc(0), colon]) {
    const text = Buffer.concat([before, value]).toString('base64').replace(/=+$/, '');
    for (const columns of [64, 76]) {
      if (text.length <= columns) continue;
      // The last group depends on whether a line break follows the value.
      const sure = text.slice(0, Math.floor(((before.length + value.length) * 8) / 6));
      for (let at = 0; at < text.length; at += columns) lines.push(sure.slice(at, at + columns));
    }
  }
  const piece = PIECE * width;
  for (const before of ALIGNMENTS) {
    const inner = innerBase64(value, before);
    // The first letters up to the next group of four stand on the line where the value begins.
    const first = (4 - ((before === 0 ? 0 : before + 1) % 4)) % 4;
    for (let at = first; at + piece <= inner.length; at += piece / 2) lines.push(inner.slice(at, at + piece));
    // What stands on the first or the last line alone may be too short for one of these.
    lines.push(inner.slice(0, piece), inner.slice(-piece));
  }
  return lines.filter(line => line.length >= PIECE);
}

/** As a URI (RFC 3986, and JavaScript's mild form) and as a form (WHATWG) spells it, in both cases of hex digits. */
function percentEncoded(value: string): string[] {
  if (/^[A-Za-z0-9]*$/.test(value)) return [];
  const mild = encodeURIComponent(value);
  const strict = mild.replace(/[!'()*~]/g, hex);
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  const forms = [mild, strict, mild.replace(/[!'()*]/g, hex), form];
  return [...forms, ...forms.map(text => text.replace(/%[0-9A-F]{2}/g, escape => escape.toLowerCase()))];
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Base64 of the value standing behind `before` (mod 3) other bytes, less the characters that its neighbours change. */
function innerBase64(value: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), value])
    .toString('base64')
    .replace(/=+$/, '');
  const first = before === 0 ? 0 : before + 1;
  const whole = Math.floor(((before + value.length) * 8) / 6);
  return text.slice(first, whole);
}
