import { asObject, asText, parseJson, type JsonObject } from '#text/json';

/** What a token says of itself; nothing of it is checked here, Entra does that. */
export interface Claims {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly notBefore: Date | undefined;
  readonly expires: Date | undefined;
  /** Milliseconds from its issue to its end, by the clock of whoever made it. */
  readonly lifetime: number | undefined;
}

/** Reads the claims of a JSON Web Token (RFC 7519). Undefined when it is none, or has no issuer or subject. */
export function readClaims(token: string): Claims | undefined {
  const payload = token.split('.')[1] ?? '';
  const claims = asObject(parseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  const issuer = asText(claims?.['iss']) ?? '';
  const subject = asText(claims?.['sub']) ?? '';
  if (claims === undefined || issuer === '' || subject === '') return undefined;
  const [notBefore, issued, expires] = ['nbf', 'iat', 'exp'].map(name => secondsIn(claims, name));
  return {
    issuer,
    subject,
    audience: audienceIn(claims),
    notBefore: momentAt(notBefore),
    expires: momentAt(expires),
    lifetime: issued === undefined || expires === undefined ? undefined : (expires - issued) * 1000,
  };
}

function audienceIn({ aud }: JsonObject): string {
  const all: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return asText(all[0]) ?? '';
}

function secondsIn(claims: JsonObject, name: string): number | undefined {
  const value = claims[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function momentAt(seconds: number | undefined): Date | undefined {
  const moment = new Date((seconds ?? NaN) * 1000);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

/**
 * Whom a token is of, where that is not the service connection: the pipeline as a whole (`p://...`), or another connection.
 * Only the subject of Entra's form ends in the id of the connection; the older one (`sc://...`) has its name, which no
 * agent tells.
 */
export function otherOwner(
  { subject }: Claims,
  connectionId: string,
): { readonly pipeline: true } | { readonly connectionId: string } | undefined {
  if (/^p:\/\//i.test(subject)) return { pipeline: true };
  const named = /\/sc\/[^/]+\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(subject)?.[1];
  return named === undefined || named.toLowerCase() === connectionId.toLowerCase()
    ? undefined
    : { connectionId: named };
}

/** Letters of JSON that no shell, log or code page changes between single quotes. */
const SAFE = /[^A-Za-z0-9 ._:/@,{}[\]"\\-]/g;

/**
 * The command by which an application trusts whoever a token says it is of: one line for `sh`, whatever stands in the
 * claims, since every other letter is written as JSON escapes it.
 *
 * @param of a blueprint is not known to `az ad app`, but Graph adds the credential alike
 */
export async function credentialCommand(
  { issuer, subject, audience }: Claims,
  clientId: string,
  of: 'application' | 'blueprint',
): Promise<string> {
  const { createHash } = await import('node:crypto');
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, subject, audience]))
    .digest('hex');
  const credential = { name: `job-pat-${digest.slice(0, 12)}`, issuer, subject, audiences: [audience] };
  const json = JSON.stringify(credential).replace(SAFE, escaped);
  return of === 'application'
    ? `az ad app federated-credential create --id ${clientId} --parameters '${json}'`
    : `az rest --method POST --url "https://graph.microsoft.com/beta/applications(appId='${clientId}')/federatedIdentityCredentials" --headers "Content-Type=application/json" --body '${json}'`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
