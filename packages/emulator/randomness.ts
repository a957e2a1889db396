import * as crypto from 'node:crypto';

/** Where ids, values and tokens come from. */
export interface Randomness {
  bytes(count: number): Buffer;
  guid(): string;
}

const system: Randomness = {
  bytes: count => crypto.randomBytes(count),
  guid: () => crypto.randomUUID(),
};

let source = system;

/** From now on this process draws from here, so that one seed can decide everything; without argument from the system. */
export function drawFrom(randomness: Randomness = system): void {
  source = randomness;
}

export function randomBytes(count: number): Buffer {
  return source.bytes(count);
}

export function randomUUID(): string {
  return source.guid();
}
