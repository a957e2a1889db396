import { randomInt } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A new PAT value: 84 letters and digits, the signature `AZDO` at the 77th to the 80th. */
export function newPatValue(): string {
  return `${randomCharacters(76)}AZDO${randomCharacters(4)}`;
}

function randomCharacters(count: number): string {
  return Array.from({ length: count }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
