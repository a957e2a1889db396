import { claimsOf, entraKey, pipelinesKey, type Claims, type SigningKey } from '../signing-key.js';
import { Refusal } from './refusal.js';

/** What an application trusts in place of a secret of its own. All three are compared with regard to case. */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/** The application that an assertion is to prove. */
export interface Trusting {
  readonly federatedCredentials: readonly FederatedCredential[];
  readonly signInAudience: 'AzureADMyOrg' | 'AzureADMultipleOrgs';
}

const ENTRA_ISSUER = /^https:\/\/login\.microsoftonline\.com\/[^/]+\/v2\.0$/;
const PIPELINES_ISSUER = /^https:\/\/vstoken\.dev\.azure\.com\/[^/]+$/;
const CHECK =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation';

/** Throws the refusal of an assertion that proves nothing of this application. */
export function checkFederation(assertion: string, application: Trusting, now: Date): void {
  const claims = readAssertion(assertion);
  const { federatedCredentials: all, signInAudience } = application;
  if (all.length === 0) throw new Refusal(70025);
  const { issuer, subject, audience } = namesIn(claims);
  const ofIssuer = all.filter(credential => credential.issuer === issuer);
  if (ofIssuer.length === 0)
    throw new Refusal(
      700211,
      `No matching federated identity record found for presented assertion issuer '${issuer}'. ${CHECK}`,
    );
  checkSignature(assertion, claims);
  checkTime(claims, now);
  if (ENTRA_ISSUER.test(issuer) && signInAudience === 'AzureADMultipleOrgs') throw new Refusal(70052);
  const ofSubject = ofIssuer.filter(credential => credential.subject === subject);
  if (ofSubject.length === 0) throw noSubject(issuer, subject, ofIssuer);
  if (!ofSubject.some(credential => credential.audience === audience))
    throw new Refusal(
      700212,
      `No matching federated identity record found for presented assertion audience '${audience}'. ${CHECK}`,
    );
}

/** The claims of an assertion, whose signature and time alone are checked. Throws a refusal. */
export function checkAssertion(assertion: string, now: Date): Claims {
  const claims = readAssertion(assertion);
  checkSignature(assertion, claims);
  checkTime(claims, now);
  return claims;
}

function readAssertion(assertion: string): Claims {
  const claims = claimsOf(assertion);
  if (claims === undefined) throw new Refusal(50027);
  return claims;
}

function namesIn(claims: Claims): FederatedCredential {
  const text = (name: string): string => (typeof claims[name] === 'string' ? claims[name] : '');
  return { issuer: text('iss'), subject: text('sub'), audience: text('aud') };
}

function checkSignature(assertion: string, claims: Claims): void {
  const { issuer } = namesIn(claims);
  if (keyOf(issuer)?.hasSigned(assertion) !== true) throw new Refusal(700027);
}

function keyOf(issuer: string): SigningKey | undefined {
  if (PIPELINES_ISSUER.test(issuer)) return pipelinesKey;
  return ENTRA_ISSUER.test(issuer) ? entraKey : undefined;
}

function checkTime({ nbf, exp }: Claims, now: Date): void {
  const seconds = now.getTime() / 1000;
  if (typeof nbf === 'number' && typeof exp === 'number' && nbf <= seconds && seconds < exp) return;
  throw new Refusal(
    700024,
    `Client assertion is not within its valid time range. Current time: ${now.toISOString()}, assertion valid from ${spoken(nbf)}, expiry time of assertion ${spoken(exp)}.`,
  );
}

function spoken(seconds: unknown): string {
  return typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : 'never';
}

/** Who differs in case only is told so, in other words for a subject of Entra's own. */
function noSubject(issuer: string, subject: string, known: readonly FederatedCredential[]): Refusal {
  const found = `No matching federated identity record found for presented assertion subject '${subject}'.`;
  const alike = known.find(credential => credential.subject.toLowerCase() === subject.toLowerCase());
  if (alike === undefined) return new Refusal(700213, `${found} ${CHECK}`);
  return ENTRA_ISSUER.test(issuer)
    ? new Refusal(
        7002137,
        `${found} Please make sure the federated identity credential Subject is '${subject}'.`,
      )
    : new Refusal(
        7002138,
        `${found} The subject matches with case-insensitive comparison, but not with case-sensitive comparison. ${CHECK}`,
      );
}
