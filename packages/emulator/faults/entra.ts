import { entraErrorReply, type AadstsCode, type EntraErrorOptions } from '../entra/errors.js';
import type { Call } from '../http/call.js';
import { answer } from './answers.js';
import type { Fault } from './queue.js';

/** A refusal of the token endpoint with this AADSTS code; text and `error` can be replaced. */
export function aadsts(code: AadstsCode, options: Partial<EntraErrorOptions> = {}): Fault {
  return answer(entraErrorReply(code, { now: new Date(), ...options }), `AADSTS${code}`);
}

/** The steps in which a sign-in is done: the chain of an agent's user has three. */
export type SignInStep = 'refreshToken' | 'blueprint' | 'agentIdentity' | 'agentUser';

/** Whether a request to the token endpoint is this step, for the option `when` of a fault. */
export function atStep(step: SignInStep): (call: Call) => boolean {
  return call => {
    const form = new URLSearchParams(call.body.toString('utf8'));
    const grant = form.get('grant_type');
    switch (step) {
      case 'refreshToken':
        return grant === 'refresh_token';
      case 'blueprint':
        return grant === 'client_credentials' && form.has('fmi_path');
      case 'agentIdentity':
        return grant === 'client_credentials' && !form.has('fmi_path');
      case 'agentUser':
        return grant === 'user_fic';
    }
  };
}
