import { root } from '../paths.js';

/** The moment at which the pictures are taken. */
const MOMENT = Date.parse('2026-11-25T14:00:00Z');

/**
 * Makes what a program printed the same each time, and free of this machine: ids and random digits become others of the
 * same form in the order in which they come, times those of a day of the examples.
 *
 * @param began when the program was started
 */
export function steadyText(text: string, began: Date): string {
  const minutes = Math.floor((began.getTime() - MOMENT) / 60_000);
  const steady = text
    .replaceAll(root, '/home/robin/job-pat')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'http://127.0.0.1:8080')
    .replace(/(\d{4}-\d\d-\d\d)(\s+)(\d\d:\d\d)/g, (_, day: string, between: string, time: string) => {
      const moment = new Date(Date.parse(`${day}T${time}:00Z`) - minutes * 60_000);
      return moment.toISOString().slice(0, 16).replace('T', between);
    })
    .replace(/(?<=\/)\d{5,9}(?=\/[0-9a-f]{8}\/)/g, '4711')
    .replace(/\b20\d{6}(?=\.\d+\b)/g, '20261125')
    .replace(/within \d+ ms/g, 'within 55 ms');
  return sameEachTime(
    sameEachTime(steady, /(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 1),
    /(?<=\/|connect |doctor )[0-9a-f]{8}(?!-)\b/g,
    101,
  );
}

/** As if it had spoken with the service: the addresses of the emulator are those of Azure DevOps and Entra. */
export function inTheCloud(text: string): string {
  return text
    .replace(/http:\/\/127\.0\.0\.1:\d+\/devicelogin/g, 'https://login.microsoft.com/device')
    .replace(/http:\/\/127\.0\.0\.1:\d+\/(contoso|fabrikam)\b/g, 'https://dev.azure.com/$1')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'https://login.microsoftonline.com');
}

/** The nth thing that looks like this becomes the nth of a fixed list, everywhere. */
function sameEachTime(text: string, pattern: RegExp, first: number): string {
  const known = new Map<string, string>();
  return text.replace(pattern, found => {
    const other = known.get(found) ?? scrambled(first + known.size, found);
    known.set(found, other);
    return other;
  });
}

/** Hex digits of the same form that look like chance. */
function scrambled(number: number, form: string): string {
  let state = number * 7919;
  return form.replace(/[0-9a-f]/g, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state >>> 24) & 15).toString(16);
  });
}
