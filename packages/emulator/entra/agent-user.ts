import type { AgentIdentity, Blueprint, ExchangeToken } from './agent-identity.js';
import { stableGuid } from '../organizations.js';
import { exchangeAudience, shortGuid } from '../devops/oidc-tokens.js';
import { entraKey } from '../signing-key.js';
import { checkProof, JWT_BEARER } from './client-authentication.js';
import { accessTokenSeconds, azureDevOpsResource, type Directory } from './directory.js';
import type { User } from './principals.js';
import { checkFederation } from './federated-credentials.js';
import { checkScope, required, type Form } from './form.js';
import { Refusal } from './refusal.js';

/** The first-party application whose tokens may be exchanged. */
const TOKEN_EXCHANGE = 'fb60f99c-7a34-4190-8149-302f77469936';
const EXCHANGE_SCOPE = `${exchangeAudience}/.default`.toLowerCase();

/** First step: the blueprint asks for one of its agent identities, named by `fmi_path`. The answer is T1. */
export function blueprintToken(
  form: Form,
  blueprint: Blueprint,
  directory: Directory,
): Record<string, unknown> {
  checkProof(form, blueprint, {
    unproven: 7000216,
    assertion: value => {
      checkFederation(value, blueprint, directory.now());
    },
  });
  if (!blueprint.hasPrincipal) throw new Refusal(7000229);
  if (!isExchange(form)) throw new Refusal(82001);
  const path = required(form, 'fmi_path');
  const identity = directory.agentIdentities.get(path);
  if (identity?.blueprint !== blueprint)
    throw new Refusal(
      700016,
      `Application with identifier '${path}' was not found in the directory as an agent identity of '${blueprint.clientId}'.`,
    );
  if (!identity.enabled) throw new Refusal(7000112);
  return exchangeToken('blueprint', identity, directory);
}

/** Second step: the agent identity proves itself with T1. The answer is T2. */
export function agentIdentityToken(
  form: Form,
  identity: AgentIdentity,
  directory: Directory,
): Record<string, unknown> {
  checkIdentity(form, identity, directory, 7000216);
  if (!isExchange(form)) throw new Refusal(82001);
  return exchangeToken('agentIdentity', identity, directory);
}

/** Third step (`user_fic`): the agent identity acts for its user, with T1 as its proof and T2 as the user's. */
export function agentUserToken(form: Form, directory: Directory): Record<string, unknown> {
  const clientId = required(form, 'client_id');
  const identity = directory.agentIdentities.get(clientId);
  if (identity === undefined)
    throw new Refusal(700016, `Application with identifier '${clientId}' was not found in the directory.`);
  checkIdentity(form, identity, directory, 7000218);
  const proof = directory.exchangeTokens.get(required(form, 'user_federated_identity_credential'));
  if (proof?.step !== 'agentIdentity' || proof.identity !== identity) throw new Refusal(50013);
  if (proof.expiresAt <= directory.now()) throw new Refusal(700024);
  const user = userOf(form, directory);
  if (user !== identity.user)
    throw new Refusal(
      70000,
      'The user is not the agent user of the agent identity that presented the assertion.',
    );
  if (!identity.userEnabled) throw new Refusal(50057);
  checkScope(required(form, 'scope'), identity);
  const scopes = identity.consented;
  return {
    token_type: 'Bearer',
    scope: scopes.map(name => `${azureDevOpsResource}/${name}`).join(' '),
    expires_in: accessTokenSeconds,
    ext_expires_in: accessTokenSeconds,
    access_token: directory.issueAccessToken({ kind: 'user', user }, { scopes }).value,
  };
}

function checkIdentity(
  form: Form,
  identity: AgentIdentity,
  directory: Directory,
  unproven: 7000216 | 7000218,
): void {
  if (!identity.enabled) throw new Refusal(7000112);
  // An agent identity has no secret, so no secret is right.
  if (form.get('client_secret') !== undefined) throw new Refusal(7000215);
  const assertion = form.get('client_assertion');
  if (assertion === undefined || form.get('client_assertion_type') !== JWT_BEARER)
    throw new Refusal(unproven);
  const known = directory.exchangeTokens.get(assertion);
  if (known?.step !== 'blueprint') throw new Refusal(700211);
  if (known.identity !== identity) throw new Refusal(700213);
  if (known.expiresAt <= directory.now()) throw new Refusal(700024);
}

/** `user_id` is an object id, `username` a principal name; a name as `user_id` is no refusal but an error (Agents-for-js#932). */
function userOf(form: Form, directory: Directory): User {
  const id = form.get('user_id');
  if (id !== undefined) {
    if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) throw new Refusal(50000);
    return found(directory.users.find(user => user.id === id.toLowerCase()));
  }
  const name = required(form, 'username').toLowerCase();
  return found(directory.users.find(({ principalName }) => principalName.toLowerCase() === name));
}

function found(user: User | undefined): User {
  if (user === undefined) throw new Refusal(50034);
  return user;
}

function isExchange(form: Form): boolean {
  return required(form, 'scope').toLowerCase() === EXCHANGE_SCOPE;
}

function exchangeToken(
  step: ExchangeToken['step'],
  identity: AgentIdentity,
  directory: Directory,
): Record<string, unknown> {
  const now = directory.now();
  const expiresAt = new Date(now.getTime() + accessTokenSeconds * 1000);
  const seconds = Math.floor(now.getTime() / 1000);
  const actor = step === 'blueprint' ? identity.blueprint.clientId : identity.id;
  const path = `/eid1/c/pub/t/${shortGuid(directory.tenantId)}/a/${shortGuid(identity.blueprint.clientId)}/${identity.id}`;
  const value = entraKey.sign({
    aud: TOKEN_EXCHANGE,
    iss: `https://login.microsoftonline.com/${directory.tenantId}/v2.0`,
    iat: seconds,
    nbf: seconds,
    exp: seconds + accessTokenSeconds,
    azp: actor,
    sub: step === 'blueprint' ? path : identity.id,
    tid: directory.tenantId,
    idtyp: 'app',
    uti: stableGuid('exchange', String(directory.exchangeTokens.size)),
    ver: '2.0',
  });
  directory.exchangeTokens.set(value, { step, identity, expiresAt });
  return {
    token_type: 'Bearer',
    expires_in: accessTokenSeconds,
    ext_expires_in: accessTokenSeconds,
    access_token: value,
  };
}
