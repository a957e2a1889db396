/**
 * The forms in which a secret shows up in logs. The agent masks the value itself and its JSON, URI and backslash
 * spellings; it knows no base64, which is what git, NuGet and npm print.
 *
 * @returns the value, its base64 forms alone and as `:value` (with and without padding), and for each of the three
 *   alignments the part of base64 that does not depend on what stands around the value, so that
 *   base64 of `anyuser:value` is covered too.
 */
export function secretForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const forms = [secret, bytes.toString('base64'), basicCredential(secret)];
  for (const before of [0, 1, 2]) forms.push(innerBase64(bytes, before));
  const unpadded = forms.map(form => form.replace(/=+$/, ''));
  const urlSafe = unpadded.slice(1).map(form => form.replaceAll('+', '-').replaceAll('/', '_'));
  const all = [...forms, ...unpadded, ...urlSafe, encodeURIComponent(bytes.toString('utf8'))];
  return [...new Set(all)].filter(form => form.length >= SHORTEST_MASKED);
}

/** What an `Authorization: Basic` header carries for a PAT: base64 of `:PAT`, on one line. */
export function basicCredential(pat: string): string {
  return Buffer.from(`:${pat}`, 'utf8').toString('base64');
}

/** Masking a short text blackens innocent words all over the log. */
const SHORTEST_MASKED = 6;

/** Base64 of the value standing behind `before` (mod 3) other bytes, less the characters that its neighbours change. */
function innerBase64(value: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), value])
    .toString('base64')
    .replace(/=+$/, '');
  const first = before === 0 ? 0 : before + 1;
  const whole = Math.floor(((before + value.length) * 8) / 6);
  return text.slice(first, whole);
}
