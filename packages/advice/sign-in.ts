import { ENTRA_ADVICE, type EntraReason, type SignInAsker } from './entra.js';
import { agentAdvice, FEDERATED_USER } from './entra-federation.js';

/** What to do when Entra gives no token, in the words for whoever signed in. */
export function signInAdvice(code: EntraReason, asker: SignInAsker): string {
  switch (asker) {
    case 'issuing-user':
    case 'azure-application':
      return ENTRA_ADVICE[code][asker];
    case 'federated-user':
      return FEDERATED_USER[code] ?? ENTRA_ADVICE[code]['issuing-user'];
    case 'agent-blueprint':
    case 'agent-identity':
    case 'agent-user':
      return agentAdvice(code, asker);
  }
}

/** For a code that is not in the list: where it is explained. */
export function lookUp(aadsts: number): string {
  return `Job PAT does not know AADSTS${aadsts}; https://login.microsoftonline.com/error?code=${aadsts} tells what it means.`;
}
