import type * as NodeCrypto from 'node:crypto';
import type { Agent, ServiceConnection } from './agent.js';
import { asObject, asText, parseJson, type JsonObject } from '../text/json.js';

/** Seals what a stage of a step leaves for the next one, so that nobody else can have written it. */
export interface Seal {
  /**
   * The content as a text with its seal.
   *
   * @param beside what the seal holds too, though the text does not show it
   */
  put(content: JsonObject, beside?: string): Promise<string>;
  open(text: string, beside?: string): Promise<Opened>;
}

export type Opened =
  | { readonly kind: 'genuine'; readonly content: JsonObject }
  /** The seal is absent or wrong. */
  | { readonly kind: 'not sealed' }
  /** There is nothing to check it with: the step has lost what it signs in with. */
  | { readonly kind: 'not to be checked'; readonly content: JsonObject }
  /** Sealed with the same secret, in another run, job or step. */
  | { readonly kind: 'of another step'; readonly content: JsonObject };

/** What a seal is made of: the sign-in of the step, and where it runs. */
export interface Sealer extends Pick<Agent, 'input' | 'secretInput' | 'variable'> {
  connection(id: string): Pick<ServiceConnection, 'secret'> | undefined;
}

/** What tells a step from every other one: run, job and step, as the agent says. */
const PLACE = [
  'System.TeamProjectId',
  'Build.BuildId',
  'Release.ReleaseId',
  'System.JobId',
  'System.TaskInstanceId',
] as const;

const SEALED = /^([0-9a-f]{64}) (\{.*\})$/s;

/**
 * The seal of this step: a checksum (HMAC-SHA-256) keyed by what the step signs in with, the refresh token of its
 * connection or its `entraToken`. Whoever knows that needs to forge nothing.
 */
export function sealOfStep(agent: Sealer): Seal {
  const place = PLACE.map(name => agent.variable(name) ?? '');
  let key: Buffer | undefined;
  const checksum = async (text: string, beside: string): Promise<Buffer | undefined> => {
    const { createHmac } = await loadCrypto();
    const secret = key === undefined ? signInSecret(agent) : '';
    if (secret !== '') key = createHmac('sha256', secret).update('Job PAT: seal of a step').digest();
    if (key === undefined) return undefined;
    return createHmac('sha256', key)
      .update(JSON.stringify([text, beside]))
      .digest();
  };
  return {
    async put(content, beside = '') {
      const text = JSON.stringify({ place, ...content });
      const seal = await checksum(text, beside);
      if (seal === undefined) throw new Error('a step without a sign-in has nothing to seal with');
      return `${seal.toString('hex')} ${text}`;
    },
    async open(sealed, beside = '') {
      const [, seal, text] = SEALED.exec(sealed.length > LONGEST ? '' : sealed) ?? [];
      if (seal === undefined || text === undefined) return { kind: 'not sealed' };
      const content = asObject(parseJson(text)) ?? {};
      const right = await checksum(text, beside);
      if (right === undefined) return { kind: 'not to be checked', content };
      const { timingSafeEqual } = await loadCrypto();
      if (!timingSafeEqual(right, Buffer.from(seal, 'hex'))) return { kind: 'not sealed' };
      const recorded = content['place'];
      const here =
        Array.isArray(recorded) &&
        recorded.length === place.length &&
        place.every((part, index) => asText(recorded[index]) === part);
      return { kind: here ? 'genuine' : 'of another step', content };
    },
  };
}

/** More than every record of ours; an environment variable of Windows holds half of it. */
const LONGEST = 64 * 1024;

/** What a step signs in with; empty when there is nothing. */
function signInSecret(agent: Pick<Sealer, 'input' | 'secretInput' | 'connection'>): string {
  const connection = agent.input('patIssuer');
  if (connection === '') return agent.secretInput('entraToken');
  return agent.connection(connection)?.secret('apitoken') ?? '';
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
