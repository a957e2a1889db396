import { type DoctorOptions } from '../../../cli/commands/doctor.js';
import { atTerminal } from '../../../cli/advice.js';
import { asFailure, type Failure } from '#advice/failure';
import { CLIENT, type Instead } from './stand-in.js';

export const who = { organization: 'contoso', clientId: CLIENT };
const shop = { ...who, project: 'Shop', name: 'PAT issuer' };
export const looking: DoctorOptions = { ...shop, json: false, refreshToken: true };

/** The other answer for requests whose method and address fit. */
export function onceAt(method: string, part: RegExp, answer: ReturnType<Instead>, times = Infinity): Instead {
  let left = times;
  return request => (request.method === method && part.test(request.url) && left-- > 0 ? answer : undefined);
}

export function refusedWith(status: number, message: string, typeKey = 'SomeException') {
  return { status, body: { message, typeKey } };
}

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    return atTerminal(asFailure(error));
  }
  throw new Error('It did not fail.');
}

export const making = { ...shop, printAppRegistration: false };
