import { redeem, PAT_PERMISSIONS } from '#entra/entra';
import { retryFor } from '#agent/effects';
import type { Organization } from '#azure-devops/organization';
import { Failure } from '#advice/failure';
import { sanitize } from '#text/sanitize';
import { formatLifetime } from '#text/lifetime';
import type { TerminalEffects } from '../effects.js';
import { secretFromEnvironment, secretVariables, type SecretName } from '../environment.js';
import { mayGoTogether, type Application, type SignInOptions } from '../options.js';
import { greet, tenantOf } from '../tenant.js';
import { signInByDeviceCode, type DeviceCode, type DeviceCodeClient, type SignedIn } from './device-code.js';

/** For one request with its repetitions; milliseconds. */
export const REQUEST_BUDGET = 60_000;

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
  const given = await secretFor('entraToken', options.entraToken === true, effects);
  if (given !== '') return given;
  const client = await clientFor(organization, application, options, effects);
  const refreshToken = await secretFor('refreshToken', options.refreshToken === true, effects);
  if (refreshToken === '') return (await signIn(client, effects)).accessToken;
  const mask = (secret: string) => {
    effects.agent.mask(secret);
  };
  const policy = retryFor(effects, REQUEST_BUDGET);
  return (await redeem(effects.http, { ...client, refreshToken }, mask, policy)).value;
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
