import { ENTRA_ADVICE, type EntraReason, type SignInAsker } from './entra.js';

/** Those that sign in by an OIDC token; what they are told loads on demand, since most runs have none of them. */
export type FederatedAsker = Exclude<SignInAsker, 'issuing-user' | 'azure-application'>;
type FederatedAdvice = (
  code: EntraReason,
  asker: FederatedAsker,
  toUser: (code: EntraReason) => string,
) => string;

const toUser = (code: EntraReason): string => ENTRA_ADVICE[code]['issuing-user'];
let federated: FederatedAdvice = toUser;

/** From now on these words are known (`entra-federation.ts`): before the first of those that they are for signs in. */
export function learnFederatedAdvice(advice: FederatedAdvice): void {
  federated = advice;
}

/** What to do when Entra gives no token, in the words for whoever signed in. */
export function signInAdvice(code: EntraReason, asker: SignInAsker): string {
  return asker === 'issuing-user' || asker === 'azure-application'
    ? ENTRA_ADVICE[code][asker]
    : federated(code, asker, toUser);
}

/** For a code that is not in the list: where it is explained. */
export function lookUp(aadsts: number): string {
  return `Job PAT does not know AADSTS${aadsts}; https://login.microsoftonline.com/error?code=${aadsts} tells what it means.`;
}
