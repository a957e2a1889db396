/**
 * Random numbers that are the same for the same seed on every machine: sfc32 (public domain), seeded by a hash of words.
 * Whoever draws gets a stream of his own, so that one draw more in one place changes nothing in another.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;
  readonly #words: readonly (string | number)[];

  constructor(...words: readonly (string | number)[]) {
    this.#words = words;
    [this.#a, this.#b, this.#c] = hashOf(words.join('/'));
    for (let i = 0; i < 12; i++) this.#next();
  }

  /** A stream of its own for one thing. */
  stream(...words: readonly (string | number)[]): Random {
    return new Random(...this.#words, ...words);
  }

  /** From 0 up to, but not, 1. */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.between(0, list.length - 1)];
    if (picked === undefined) throw new Error('There is nothing to pick from.');
    return picked;
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    for (let at = 0; at < count; at += 4) {
      const number = this.#next();
      // What is written behind the end is dropped.
      bytes[at] = number;
      bytes[at + 1] = number >>> 8;
      bytes[at + 2] = number >>> 16;
      bytes[at + 3] = number >>> 24;
    }
    return bytes;
  }

  guid(): string {
    const hex = this.bytes(16).toString('hex');
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `8${hex.slice(17, 20)}`,
      hex.slice(20),
    ].join('-');
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }
}

/** FNV-1a, thrice with other starts. */
function hashOf(text: string): [number, number, number] {
  return [hash(text, 0x811c9dc5), hash(text, 0x9e3779b9), hash(text, 0x85ebca6b)];
}

function hash(text: string, start: number): number {
  let value = start;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value;
}
