import type { Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import { badRequest } from './refusals.js';

/** Refuses query parameters beside these and the version, and any that is given twice. */
export function refuseQuery(call: Call, parameters: readonly string[]): Reply | undefined {
  const known = ['api-version', ...parameters].map(name => name.toLowerCase());
  const names = [...call.query.keys()].map(name => name.toLowerCase());
  const unknown = names.find(name => !known.includes(name));
  if (unknown !== undefined) return badRequest(`The request has an unknown query parameter: ${unknown}`);
  return new Set(names).size < names.length ? badRequest('A query parameter is given twice.') : undefined;
}

/** The ids in a list separated by commas; none where it is empty, undefined where it is no such list. */
export function idsIn(text: string | undefined): number[] | undefined {
  const ids = (text ?? '').split(',').filter(id => id !== '');
  return ids.every(id => /^\d{1,10}$/.test(id)) ? ids.map(Number) : undefined;
}
