import { randomBytes } from '../randomness.js';

/** A version of a secret. */
export interface SecretVersion {
  readonly id: string;
  readonly value: string;
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly created: Date;
  readonly expires: Date | undefined;
  readonly notBefore: Date | undefined;
}

export type SecretContent = Pick<SecretVersion, 'value'> &
  Partial<Pick<SecretVersion, 'contentType' | 'tags' | 'enabled' | 'expires' | 'notBefore'>>;

/** The one key vault of the emulator, at its origin. */
export class KeyVault {
  /** Whether the application of the Azure connection may read and write secrets. */
  mayRead = true;
  mayWrite = true;
  /** Names of secrets that were deleted and can be recovered. */
  readonly deleted = new Set<string>();
  readonly #secrets = new Map<string, SecretVersion[]>();

  constructor(private readonly clock: () => Date) {}

  /** A new version, which becomes the current one. */
  set(name: string, content: SecretContent): SecretVersion {
    const version: SecretVersion = {
      id: randomBytes(16).toString('hex'),
      contentType: undefined,
      tags: {},
      enabled: true,
      expires: undefined,
      notBefore: undefined,
      ...content,
      created: this.clock(),
    };
    this.#secrets.set(name.toLowerCase(), [...this.versions(name), version]);
    return version;
  }

  /** The oldest first. */
  versions(name: string): readonly SecretVersion[] {
    return this.#secrets.get(name.toLowerCase()) ?? [];
  }

  current(name: string): SecretVersion | undefined {
    return this.versions(name).at(-1);
  }
}
