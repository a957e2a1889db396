import type { AadstsCode } from './errors.js';

/** A refusal on the way through a grant; the endpoint turns it into an answer. */
export class Refusal extends Error {
  constructor(
    readonly code: AadstsCode,
    readonly text?: string,
    readonly error?: string,
  ) {
    super(text);
  }
}
