import { entraErrorReply, type AadstsCode, type EntraErrorOptions } from '../entra/errors.js';
import { answer } from './answers.js';
import type { Fault } from './queue.js';

/** A refusal of the token endpoint with this AADSTS code; text and `error` can be replaced. */
export function aadsts(code: AadstsCode, options: Partial<EntraErrorOptions> = {}): Fault {
  return answer(entraErrorReply(code, { now: new Date(), ...options }), `AADSTS${code}`);
}
