import { jsonReply } from '../http/reply.js';
import type { PatTokenError } from '../pats/errors.js';
import { answer } from './answers.js';
import type { Fault } from './queue.js';

/** 200 with `patTokenError`; also a reason that no contract knows yet. */
export function patTokenError(reason: PatTokenError | (string & {}), message?: string): Fault {
  const text = message === undefined ? {} : { patTokenErrorMessage: message };
  return answer(
    jsonReply(200, { patToken: null, patTokenError: reason, ...text }),
    `patTokenError ${reason}`,
  );
}

/** What a create or update really grants in place of what was asked. */
export interface Granted {
  /** Wider or narrower than asked. */
  readonly scope?: string;
  /** Shorter, as a policy would, or longer. */
  readonly validTo?: Date;
  readonly displayName?: string;
}

/** Grants something else than was asked: the PAT really is so, and the answer says so. */
export function granting({ scope, validTo, displayName }: Granted): Fault {
  return {
    name: 'grants something else',
    act: async ({ call, proceed }) => {
      const asked: unknown = JSON.parse(call.body.toString('utf8'));
      const granted = {
        ...(typeof asked === 'object' ? asked : {}),
        ...(scope === undefined ? {} : { scope }),
        ...(validTo === undefined ? {} : { validTo: validTo.toISOString() }),
        ...(displayName === undefined ? {} : { displayName }),
      };
      return proceed(Buffer.from(JSON.stringify(granted)));
    },
  };
}
