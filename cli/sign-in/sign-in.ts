import { redeem, PAT_PERMISSIONS } from '#entra/entra';
import { retryFor } from '#agent/effects';
import type { Organization } from '#azure-devops/organization';
import { Failure } from '#advice/failure';
import { sanitize } from '#text/sanitize';
import { formatLifetime } from '#text/lifetime';
import type { TerminalEffects } from '../effects.js';
import { secretFromEnvironment, secretVariables, type SecretName } from '../environment.js';
import { mayGoTogether } from '#entra/authority';
import type { Application, SignInOptions } from '../options.js';
import { greet, tenantOf } from '../tenant.js';
import { tokenOfAzureCli } from './azure-cli.js';
import { signInByDeviceCode, type DeviceCode, type DeviceCodeClient, type SignedIn } from './device-code.js';

/** For one request with its repetitions; milliseconds. */
export const REQUEST_BUDGET = 60_000;

/** A user who is signed in, to be asked for a token again where the work outlives one. */
export interface UserSignIn {
  readonly accessToken: string;
  /** A newer token; undefined where there is none to be had without a person. @throws Failure */
  readonly renew: (() => Promise<string>) | undefined;
}

/**
 * An Entra access token of a user: as given, from a refresh token that was given, else from a sign-in by device code.
 * @throws Failure
 */
export async function accessTokenFor(
  organization: Organization,
  application: Application,
  options: SignInOptions,
  effects: TerminalEffects,
): Promise<string> {
  return (await signInUser(organization, application, options, effects)).accessToken;
}

/** The same for work that may take longer than a token lives. @throws Failure */
export async function signInUser(
  organization: Organization,
  application: Application,
  options: SignInOptions,
  effects: TerminalEffects,
): Promise<UserSignIn> {
  if (options.az === true) {
    const azureCli = (here: TerminalEffects) => tokenOfAzureCli(application.tenantId, here);
    return { accessToken: await azureCli(effects), renew: () => azureCli(effects.cleanup) };
  }
  const given = await secretFor('entraToken', options.entraToken === true, effects);
  if (given !== '') return { accessToken: given, renew: undefined };
  const client = await clientFor(organization, application, options, effects);
  const mask = (secret: string) => {
    effects.agent.mask(secret);
  };
  const redeemed = async (refreshToken: string, here: TerminalEffects) =>
    (await redeem(here.http, { ...client, refreshToken }, mask, retryFor(here, REQUEST_BUDGET))).value;
  const refreshToken = await secretFor('refreshToken', options.refreshToken === true, effects);
  if (refreshToken !== '')
    return {
      accessToken: await redeemed(refreshToken, effects),
      renew: () => redeemed(refreshToken, effects.cleanup),
    };
  const signedIn = await signIn(client, effects);
  return { accessToken: signedIn.accessToken, renew: () => redeemed(signedIn.refreshToken, effects.cleanup) };
}

/**
 * Everything a sign-in needs; tenant and authority as told, else as the organization says.
 * @throws Failure
 */
export async function clientFor(
  organization: Organization,
  { clientId, tenantId, authority }: Application,
  options: SignInOptions,
  effects: TerminalEffects,
): Promise<DeviceCodeClient> {
  if (clientId === undefined) throw new Error('a client id is missing without a fault');
  const told = { tenantId, authority };
  const greeting =
    tenantId !== undefined && authority !== undefined
      ? undefined
      : await greet(organization, effects.http, retryFor(effects, REQUEST_BUDGET));
  const place =
    greeting === undefined && tenantId !== undefined && authority !== undefined
      ? { tenantId, authority }
      : greeting === undefined
        ? undefined
        : tenantOf(told, greeting, organization);
  if (place === undefined) throw new Error('a tenant is missing without a greeting');
  if (!mayGoTogether(organization, place.authority))
    throw new Failure(
      'host-not-allowed',
      `${organization.url} is on this machine, and names no Entra authority that is too: it does not get tokens of ${place.authority}.`,
      `Name its authority with --authority-url. Example: ${new URL(organization.url).origin}`,
    );
  effects.reach.addAuthority(place.authority);
  const clientSecret = await secretFor('clientSecret', options.clientSecret === true, effects);
  return { ...place, clientId, clientSecret: clientSecret === '' ? undefined : clientSecret };
}

/** What is asked for: as a question begins, and within a sentence. */
const ASKED: Readonly<Record<SecretName, { readonly title: string; readonly name: string }>> = {
  entraToken: { title: 'Entra access token', name: 'Entra access token' },
  refreshToken: { title: 'Refresh token', name: 'refresh token' },
  clientSecret: { title: 'Client secret', name: 'client secret' },
};

/** Options that ask the person, or standard input, for a secret which no variable holds. */
export function secretsFromPerson(options: SignInOptions): readonly string[] {
  const asked = [
    ['--entra-token', options.entraToken, 'entraToken'],
    ['--refresh-token', options.refreshToken, 'refreshToken'],
    ['--client-secret', options.clientSecret, 'clientSecret'],
  ] as const;
  return asked.flatMap(([option, wanted, name]) =>
    wanted === true && secretFromEnvironment(name) === '' ? [option] : [],
  );
}

/** From the environment; where the option asks for it, from the person or from standard input. Empty: none. */
export async function secretFor(
  name: SecretName,
  wanted: boolean,
  { agent }: TerminalEffects,
): Promise<string> {
  const set = secretFromEnvironment(name);
  const secret = set === '' && wanted ? await agent.askSecret(ASKED[name].title) : set;
  if (secret === '') {
    if (!wanted) return '';
    throw new Failure(
      'input-not-valid',
      `No ${ASKED[name].name} was given.`,
      `Set ${secretVariables[name]}, type it at the question, or send it to standard input.`,
    );
  }
  agent.mask(secret);
  if (/^[\x21-\x7e]+$/.test(secret)) return secret;
  throw new Failure(
    'input-not-valid',
    `The ${ASKED[name].name} holds blanks or letters that none has.`,
    'Copy it again, on one line.',
  );
}

/** Shows the code, waits for the person, and checks what was consented. @throws Failure */
export async function signIn(client: DeviceCodeClient, effects: TerminalEffects): Promise<SignedIn> {
  const { agent } = effects;
  const waiting: (() => void)[] = [];
  try {
    const signedIn = await signInByDeviceCode(client, code => waiting.push(showCode(code, effects)), effects);
    for (const end of waiting.splice(0)) end();
    const who = signedIn.user === '' ? '' : ` as ${sanitize(signedIn.user, 128)}`;
    agent.say(`${agent.colors.err.green('✓')} Signed in${who}.`);
    checkConsent(signedIn.permissions);
    return signedIn;
  } finally {
    for (const end of waiting) end();
  }
}

/**
 * @param permissions granted by Entra; undefined where it does not tell
 * @throws Failure `consent-missing`
 */
export function checkConsent(permissions: readonly string[] | undefined): void {
  if (permissions === undefined) return;
  const missing = PAT_PERMISSIONS.filter(permission => !permissions.includes(permission));
  if (missing.length === 0) return;
  throw new Failure(
    'consent-missing',
    `The application was not granted ${missing.join(' and ')} of Azure DevOps.`,
    'Add the delegated permissions, let an administrator consent ("job-pat connect --print-app-registration" prints how), wait a minute and run again.',
  );
}

function showCode({ code, page, expires }: DeviceCode, { agent, clock }: TerminalEffects): () => void {
  const { bold, cyan, dim } = agent.colors.err;
  const left = () => formatLifetime(Math.max(0, expires.getTime() - clock.now().getTime()));
  agent.say('');
  agent.say('  Sign in as the issuing user, in a private browser window:');
  agent.say('');
  agent.say(`    Open   ${cyan(sanitize(page, 200))}`);
  agent.say(`    Enter  ${bold(sanitize(code, 40))}`);
  agent.say('');
  const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
  return agent.waiting(
    second =>
      `  ${cyan(frames[second % frames.length] ?? '')} Waiting for the sign-in ${dim(`(the code is good for ${left()} more; Ctrl+C stops)`)}`,
  );
}
