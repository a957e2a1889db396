import { randomBytes } from '../randomness.js';

/** A new PAT value: 84 letters and digits, the signature `AZDO` at the 77th to the 80th. */
export function newPatValue(): string {
  const characters = lettersAndDigits(80);
  return `${characters.slice(0, 76)}AZDO${characters.slice(76)}`;
}

function lettersAndDigits(count: number): string {
  let text = '';
  while (text.length < count)
    text += randomBytes(count)
      .toString('base64')
      .replace(/[^A-Za-z0-9]/g, '');
  return text.slice(0, count);
}
