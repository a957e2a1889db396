import { createHash, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';

/** What a signed token says. */
export type Claims = Readonly<Record<string, unknown>>;

/** An RSA key with which an issuer signs its tokens (RS256), and which it publishes. Made when it is first needed. */
export class SigningKey {
  #pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } | undefined;
  #jwk: Readonly<Record<string, unknown>> | undefined;

  /** The JSON Web Token of these claims. */
  sign(claims: Claims): string {
    const content = [{ typ: 'JWT', alg: 'RS256', kid: this.kid }, claims].map(encoded).join('.');
    return `${content}.${sign('sha256', Buffer.from(content), this.#keys().privateKey).toString('base64url')}`;
  }

  /** Whether this key has signed the token. */
  hasSigned(token: string): boolean {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const content = Buffer.from(`${header}.${payload}`);
    return verify('sha256', content, this.#keys().publicKey, Buffer.from(signature, 'base64url'));
  }

  get kid(): string {
    return String(this.jwk['kid']);
  }

  /** The public half as a key set lists it (RFC 7517). */
  get jwk(): Readonly<Record<string, unknown>> {
    if (this.#jwk === undefined) {
      const { kty, n, e } = this.#keys().publicKey.export({ format: 'jwk' });
      const kid = createHash('sha256')
        .update(n ?? '')
        .digest('base64url')
        .slice(0, 27);
      this.#jwk = { use: 'sig', kty, alg: 'RS256', kid, n, e };
    }
    return this.#jwk;
  }

  #keys(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
    return (this.#pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 }));
  }
}

/** Of Azure Pipelines: the same for every organization. */
export const pipelinesKey = new SigningKey();
/** Of Entra. */
export const entraKey = new SigningKey();

/** The claims of a token that is one, whoever signed it; undefined for anything else. */
export function claimsOf(token: string): Claims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
      ? { ...claims }
      : undefined;
  } catch {
    return undefined;
  }
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
