import type * as NodeCrypto from 'node:crypto';
import type { Agent } from './agent.js';
import type { ServiceConnection } from './service-connection.js';
import {
  isOfAgentUser,
  plainSettings,
  readSettings,
  SAVED_TOKEN,
  type StageSettings,
} from './stage-settings.js';
import { asObject, asText, parseJson, type JsonObject } from '#text/json';

/** Seals what a stage of a step leaves for the next one, so that nobody else can have written it. */
export interface Seal {
  /** From now on this token, which the step signed in for and saves, seals too. */
  signedIn(token: string): void;
  /** Whether there is something to seal with: an agent's user has nothing before the sign-in. */
  hasKey(): boolean;
  /**
   * The content as a text with its seal.
   *
   * @param beside what the seal holds too, though the text does not show it
   */
  put(content: JsonObject, beside?: string): Promise<string>;
  open(text: string, beside?: string): Promise<Opened>;
}

export type Opened =
  | Genuine
  /**
   * An agent's user signs in with nothing that could be a key, and the token that the step saved is lost or another one.
   * The text says that it is of this very run, job and step, which a variable could: it is good for what that job made.
   */
  | { readonly kind: 'of this step by its word'; readonly content: JsonObject }
  /** The seal is absent or wrong. */
  | { readonly kind: 'not sealed' }
  /** There is nothing to check it with: the step has lost what it signs in with. */
  | { readonly kind: 'not to be checked'; readonly content: JsonObject }
  /** Sealed with the same secret, in another run, job or step. */
  | { readonly kind: 'of another step'; readonly content: JsonObject };

export interface Genuine {
  readonly kind: 'genuine';
  readonly content: JsonObject;
  /**
   * Whether the secret that sealed it is one that no script of the job can have put there. Where a variable bears the name of
   * the saved token, whoever set that may have sealed with it: such a text is good for what that very token may do.
   */
  readonly isProven: boolean;
  /**
   * Whether the refresh token of the connection is still the one that the step signed in with. Another one, which
   * `task.setendpoint` can put there, signs in somebody else, of whom the service says truly that there is no such PAT.
   */
  readonly signsInAlike: () => Promise<boolean>;
  /** Where the main stage found what it was handed over. */
  readonly settings: StageSettings | undefined;
}

/** What a seal is made of: the sign-in of the step, and where it runs. */
export interface Sealer extends Pick<Agent, 'input' | 'secretInput' | 'variable' | 'secretTaskVariable'> {
  connection(id: string): Pick<ServiceConnection, 'secret' | 'scheme'> | undefined;
  taskVariableMayBeForged(name: string): boolean;
  settings(): StageSettings;
}

/** What tells a step from every other one: run, job and step, as the agent says. */
const PLACE = [
  'System.TeamProjectId',
  'Build.BuildId',
  'Release.ReleaseId',
  'System.JobId',
  'System.TaskInstanceId',
] as const;

const SEALED = /^([0-9a-f]{64}(?:\.[0-9a-f]{64})?) (\{.*\})$/s;

/**
 * The seal of this step: a checksum (HMAC-SHA-256) keyed by what the step signs in with, the refresh token of its
 * connection or its `entraToken`. Whoever knows that needs to forge nothing. A second one is keyed by the token that the
 * step saves for its post-job stage, for a step whose connection or `entraToken` is another one by then. An agent's user has
 * neither: that second one is all there is.
 */
export function sealOfStep(agent: Sealer): Seal {
  const place = PLACE.map(name => agent.variable(name) ?? '');
  let saved: string | undefined;
  const keys = new Map<string, Buffer>();
  const checksum = async (secret: string, text: string, beside: string): Promise<Buffer> => {
    const { createHmac } = await loadCrypto();
    const key = keys.get(secret) ?? createHmac('sha256', secret).update('Job PAT: seal of a step').digest();
    keys.set(secret, key);
    return createHmac('sha256', key)
      .update(JSON.stringify([text, beside]))
      .digest();
  };
  let signIn = '';
  const signInOf = () => {
    if (signIn === '') signIn = signInSecret(agent);
    return signIn;
  };
  const isOfThisPlace = (recorded: unknown) =>
    Array.isArray(recorded) &&
    recorded.length === place.length &&
    place.every((part, index) => asText(recorded[index]) === part);
  const secretsToSealWith = () => [...new Set([signInOf(), saved ?? ''])].filter(secret => secret !== '');
  return {
    signedIn(token) {
      saved = token;
    },
    hasKey: () => secretsToSealWith().length > 0,
    async put(content, beside = '') {
      const settings = plainSettings(agent.settings());
      const text = JSON.stringify({ place, settings, ...content });
      const secrets = secretsToSealWith();
      if (secrets.length === 0) throw new Error('a step without a sign-in has nothing to seal with');
      const seals = await Promise.all(secrets.map(secret => checksum(secret, text, beside)));
      return `${seals.map(seal => seal.toString('hex')).join('.')} ${text}`;
    },
    async open(sealed, beside = '') {
      const [, list, text] = SEALED.exec(sealed.length > LONGEST ? '' : sealed) ?? [];
      if (list === undefined || text === undefined) return { kind: 'not sealed' };
      const content = asObject(parseJson(text)) ?? {};
      const { timingSafeEqual } = await loadCrypto();
      const seals = list.split('.').map(seal => Buffer.from(seal, 'hex'));
      const isSealedWith = async (secret: string) => {
        const right = secret === '' ? undefined : await checksum(secret, text, beside);
        return right !== undefined && seals.some(seal => timingSafeEqual(seal, right));
      };
      const kept = agent.secretTaskVariable(SAVED_TOKEN) ?? '';
      const [bySignIn, bySaved] = [await isSealedWith(signInOf()), await isSealedWith(kept)];
      const isProven = bySignIn || !agent.taskVariableMayBeForged(SAVED_TOKEN);
      if (!(bySaved && isProven) && signsInAgentUser(agent))
        return isOfThisPlace(content['place'])
          ? { kind: 'of this step by its word', content }
          : { kind: 'of another step', content };
      if (!bySignIn && !bySaved)
        return signInOf() === '' && kept === ''
          ? { kind: 'not to be checked', content }
          : { kind: 'not sealed' };
      // No other step saved this token; variables that say where this is, any step can have changed meanwhile.
      if (!bySaved && !isOfThisPlace(content['place'])) return { kind: 'of another step', content };
      const settings = readSettings(content['settings']);
      // Asked later, when what the main stage was handed over counts again. An `entraToken` may be a newer one, and where
      // there is nothing to sign in with, the sign-in says why.
      const signsInAlike = async () =>
        settings?.connection === undefined ||
        isOfAgentUser(settings.connection) ||
        signInOf() === '' ||
        isSealedWith(signInOf());
      return { kind: 'genuine', content, isProven, signsInAlike, settings };
    },
  };
}

/** More than every record of ours; an environment variable of Windows holds half of it. */
const LONGEST = 64 * 1024;

/** What a step signs in with; empty when there is nothing. */
function signInSecret(agent: Pick<Sealer, 'input' | 'secretInput' | 'connection'>): string {
  const connection = agent.input('patIssuer');
  if (connection === '') return agent.secretInput('entraToken');
  const found = agent.connection(connection);
  return found === undefined || isOfAgentUser(found) ? '' : found.secret('apitoken');
}

/** An agent's user: no secret is stored, so the seal is keyed by the token that the first sign-in gave. */
function signsInAgentUser(agent: Pick<Sealer, 'input' | 'connection'>): boolean {
  const found = agent.connection(agent.input('patIssuer'));
  return found !== undefined && isOfAgentUser(found);
}

type Crypto = typeof NodeCrypto;

/**
 * `node:crypto` costs a tenth of a step's start, unless https has loaded it: call this early, while a request is under
 * way. Asked of the process it comes without the loader of ECMAScript modules, which would cost as much again.
 */
export async function loadCrypto(): Promise<Crypto> {
  return builtIn() ?? (await import('node:crypto'));
}

/** Node.js has this function from 20.16 on. */
function builtIn(): Crypto | undefined {
  const ask: unknown = Reflect.get(process, 'getBuiltinModule');
  return typeof ask === 'function' ? process.getBuiltinModule('node:crypto') : undefined;
}
