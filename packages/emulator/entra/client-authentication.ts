import type { Application } from './principals.js';
import type { Directory } from './directory.js';
import { checkFederation } from './federated-credentials.js';
import { applicationOf, type Form } from './form.js';
import { Refusal } from './refusal.js';

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The application of a form that has proved itself as its registration wants. Throws a refusal. */
export function authenticateClient(
  form: Form,
  directory: Directory,
  unproven: Proof['unproven'] = 7000218,
): Application {
  const application = applicationOf(form, directory);
  const now = directory.now();
  checkProof(form, application, {
    unproven,
    assertion: value => {
      checkFederation(value, application, now);
    },
  });
  return application;
}

interface Proof {
  /** The refusal of a confidential client that sends nothing. */
  readonly unproven: 7000216 | 7000218;
  /** Throws the refusal of an assertion. */
  readonly assertion: (value: string) => void;
}

/** RFC 6749 section 2.3.1 and RFC 7523 section 2.2: a secret or an assertion, never both. Throws a refusal. */
export function checkProof(
  form: Form,
  { isPublic, clientSecret, enabled }: Pick<Application, 'isPublic' | 'clientSecret' | 'enabled'>,
  { unproven, assertion: check }: Proof,
): void {
  if (!enabled) throw new Refusal(7000112);
  const secret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  if (secret !== undefined && assertion !== undefined) throw new Refusal(9002324);
  if (isPublic) {
    if (secret !== undefined || assertion !== undefined) throw new Refusal(700025);
    return;
  }
  if (assertion !== undefined) {
    if (form.get('client_assertion_type') !== JWT_BEARER) throw new Refusal(unproven);
    check(assertion);
    return;
  }
  if (secret === undefined) throw new Refusal(unproven);
  if (secret !== clientSecret) throw new Refusal(7000215);
}
