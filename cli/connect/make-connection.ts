import { retryFor } from '#agent/effects';
import { retry, type RetryPolicy } from '#http/retry';
import { AzureDevOpsClient, type Wire } from '#azure-devops/client';
import { basic, bearer } from '#azure-devops/identity';
import { UserPats } from '#pat/user-pats';
import { withTemporaryPat } from '#pat/temporary-pat';
import { descriptionsOf, isShownWhole } from '#azure-devops/edit-connection';
import { renewalAt, type Renewal } from '#pat/renewal-tag';
import {
  serviceConnections,
  type FoundConnection,
  type ServiceConnections,
  type WireConnection,
  type WriteOutcome,
} from '#azure-devops/service-connections';
import { asFailure, Failure } from '#advice/failure';
import { asGuid, asObject, asText } from '#text/json';
import { sanitize } from '#text/sanitize';
import { clause } from '#text/sentence';
import type { TerminalEffects } from '../effects.js';
import { changedConnection, isTooLong, ISSUER_TYPE, newConnection } from './connection-fields.js';
import type { Project } from '#azure-devops/projects';
import { findProject } from './projects.js';
import type { ProvenIssuer } from './prove.js';
import type { ConnectRequest } from './request.js';

export interface MadeConnection {
  readonly how: 'made' | 'changed';
  /** Undefined: the service did not tell. */
  readonly id: string | undefined;
  readonly project: Project;
  readonly data: WireConnection;
}

/** Just what it takes to find the project and to write the connection. */
const SCOPES = ['vso.serviceendpoint_manage', 'vso.project'];
const BUDGET = 2 * 60_000;
/** A request that was cut can arrive late: look again after so many milliseconds. */
const LOOK_AGAIN_AFTER = 2_000;
const CLEANUP_BUDGET = 20_000;

/**
 * Makes the service connection, or changes the one of this name, with a PAT of five minutes that is revoked whatever
 * happens. Stopped or failed, it leaves no connection that was not there before.
 * @throws Failure
 */
export function makeConnection(
  request: ConnectRequest,
  { fields, accessToken }: ProvenIssuer,
  effects: TerminalEffects,
): Promise<MadeConnection> {
  const organization = request.home;
  const brief = { organization, scopes: SCOPES, nextName: () => `Job PAT connect ${effects.nonce()}` };
  const pats = new UserPats(bearer('issuing-user', accessToken), effects);
  return withTemporaryPat(brief, pats, effects, async pat => {
    const policy = retryFor(effects, BUDGET);
    const clientOf = (wire: Wire) => new AzureDevOpsClient(basic('pat', pat), organization, wire);
    const client = clientOf(effects);
    const project = await findProject(request.project, client, policy);
    const open = (writer: AzureDevOpsClient) =>
      serviceConnections({
        project: project.name,
        who: 'the user who signed in',
        reader: writer,
        writer,
      });
    const connections = open(client);
    const renewal = renewalAt(effects.clock.now(), effects.nonce());
    const existing = await connections.find(request.name, policy);
    if (existing !== undefined) {
      assertOurs(existing, request);
      const whole = await connections.read(existing.id, policy);
      if (whole === undefined || !isShownWhole(whole)) throw notShown(existing, request);
      const { raw } = whole;
      if (request.description === undefined && descriptionsOf(raw, project.name).some(isTooLong(renewal)))
        effects.agent.warning(
          'The description of the connection leaves no room for the line that tells the age of the sign-in: it loses its end.',
        );
      const changed = changedConnection(raw, request, fields, project, renewal);
      await update(changed, existing, { request, project, renewal }, connections, effects, policy);
      return { how: 'changed', id: existing.id, project, data: asObject(changed.data) ?? {} };
    }
    const wanted = newConnection(request, fields, project, renewal);
    const make = () => create(wanted, { request, project }, connections, effects, policy);
    const id = await withoutRemains(make, () =>
      removeRemains(wanted, project, open(clientOf(effects.cleanup)), effects),
    );
    return { how: 'made', id, project, data: asObject(wanted.data) ?? {} };
  });
}

/** @throws Failure `connection-of-another-type` */
function assertOurs({ type, name }: FoundConnection, { project }: ConnectRequest): void {
  if (type.toLowerCase() === ISSUER_TYPE.toLowerCase()) return;
  throw new Failure(
    'connection-of-another-type',
    `Project "${sanitize(project, 80)}" has a service connection "${sanitize(name, 80)}" already, of type ${sanitize(type, 60)}.`,
    'It stays as it is. Choose another name with --name.',
  );
}

/** Whoever may only use a connection does not see enough of it to change it. */
function notShown({ name }: FoundConnection, { project }: ConnectRequest): Failure {
  return new Failure(
    'store-refused',
    `Project "${sanitize(project, 80)}" does not show service connection "${sanitize(name, 80)}" whole to the user who signed in, who may not change it.`,
    'Let its administrator give this user the role Administrator (Project settings, Service connections, the connection, Security), or choose another name with --name.',
  );
}

/**
 * Writes a changed connection. Where the answer is lost, the line about the sign-in tells whether it was carried out.
 * @throws Failure
 */
async function update(
  changed: WireConnection,
  existing: FoundConnection,
  { request, project, renewal }: { request: ConnectRequest; project: Project; renewal: Renewal },
  connections: ServiceConnections,
  { clock, agent }: TerminalEffects,
  policy: RetryPolicy,
): Promise<void> {
  try {
    await written(() => connections.update(changed, policy), policy);
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'store-refused') throw failure;
    const doubt = changeInDoubt(failure, request);
    if (failure.topic === 'cancelled') {
      agent.warning(doubt.message);
      throw failure;
    }
    agent.info(`${failure.what} It is not clear whether the connection was changed: looking at it.`);
    try {
      for (const look of ['first', 'second']) {
        if (look === 'second') await clock.wait(LOOK_AGAIN_AFTER);
        const found = await connections.read(existing.id, policy);
        const descriptions = found === undefined ? [] : descriptionsOf(found.raw, project.name);
        if (descriptions.some(text => text.includes(renewal.text))) return;
      }
    } catch (unread) {
      if (asFailure(unread).topic === 'cancelled') throw unread;
      agent.info(asFailure(unread).what);
    }
    throw doubt;
  }
}

/** Not certainly failed: the request may still arrive, and then the refresh token of this sign-in is the one in use. */
function changeInDoubt({ what }: Failure, { name, project }: ConnectRequest): Failure {
  return new Failure(
    'store-not-usable',
    `It is not known whether service connection "${sanitize(name, 80)}" was changed: ${what}`,
    `Either sign-in works. Look with "job-pat doctor" at --project "${sanitize(project, 80)}", or run the command again.`,
  );
}

/** @returns the id, where the service tells it */
async function create(
  wanted: WireConnection,
  { request, project }: { request: ConnectRequest; project: Project },
  connections: ServiceConnections,
  { clock, agent }: TerminalEffects,
  policy: RetryPolicy,
): Promise<string | undefined> {
  try {
    const raw = await written(() => connections.create(wanted, policy), policy);
    assertReady(raw, request);
    return asGuid(raw?.id);
  } catch (error) {
    const failure = asFailure(error);
    if (failure.topic === 'store-refused') throw notCreated(failure, request);
    if (failure.topic === 'store-not-usable') throw failure;
    if (failure.topic === 'cancelled') throw failure;
    agent.info(`${failure.what} It is not clear whether the connection was made: looking for it.`);
    for (const look of ['first', 'second']) {
      if (look === 'second') await clock.wait(LOOK_AGAIN_AFTER);
      const found = await connections.find(request.name, policy);
      if (found === undefined || !isSame(found.raw, wanted, project)) continue;
      assertReady(found.raw, request);
      return found.id;
    }
    throw new Failure(
      failure.topic,
      `${failure.what} Service connection "${sanitize(request.name, 80)}" was not there afterwards, but the request may still arrive.`,
      'Look for it in a minute (Project settings, Service connections), then run the command again.',
    );
  }
}

/**
 * The service makes some connections in the background, and tells how that goes in `operationStatus`.
 * @throws Failure `store-not-usable`
 */
function assertReady(raw: WireConnection | undefined, { name }: ConnectRequest): void {
  const status = asObject(raw?.operationStatus);
  if (asText(status?.['state'])?.toLowerCase() !== 'failed') return;
  const reason = clause(sanitize(asText(status?.['statusMessage']) ?? '', 300));
  throw new Failure(
    'store-not-usable',
    `The service says that making service connection "${sanitize(name, 80)}" failed${reason === '' ? ', without a reason' : `: ${reason}`}.`,
    'Run the command again; if it stays so, make a connection of type "Azure DevOps PAT issuer" by hand: the form says what it misses.',
  );
}

async function withoutRemains<T>(work: () => Promise<T>, remove: () => Promise<void>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (asFailure(error).topic !== 'store-refused') await remove();
    throw error;
  }
}

/** Removes a connection that an unanswered request made after all; it was not there before. */
async function removeRemains(
  wanted: WireConnection,
  project: Project,
  connections: ServiceConnections,
  { agent, cleanup }: TerminalEffects,
): Promise<void> {
  const name = asText(wanted.name) ?? '';
  const policy = retryFor(cleanup, CLEANUP_BUDGET);
  try {
    for (const look of ['first', 'second']) {
      if (look === 'second') await cleanup.clock.wait(LOOK_AGAIN_AFTER);
      const found = await connections.find(name, policy);
      if (found === undefined || !isSame(found.raw, wanted, project)) continue;
      await written(() => connections.remove(found.id, project.id, policy), policy);
      agent.info(`Removed service connection "${name}", whose making was cut short.`);
      return;
    }
  } catch (error) {
    agent.warning(
      `Service connection "${name}" may have been made in project ${project.name}, though the command did not end: ${asFailure(error).what} Look for it, and remove it or run the command again.`,
    );
  }
}

/** A write is sent once, and again only when it was certainly not carried out. @throws Failure */
function written(
  write: () => Promise<WriteOutcome>,
  policy: RetryPolicy,
): Promise<WireConnection | undefined> {
  return retry(policy, async () => {
    const outcome = await write();
    switch (outcome.kind) {
      case 'written':
        return { done: outcome.raw };
      case 'later':
        return { later: outcome.failure, wait: outcome.wait };
      case 'refused':
      case 'unclear':
        throw outcome.failure;
    }
  });
}

/** Whether it is the very one that this run wanted: the record of its sign-in holds random digits. */
function isSame(found: WireConnection, wanted: WireConnection, project: Project): boolean {
  const record = asText(wanted.description)?.split('\n').at(-1) ?? '';
  if (!descriptionsOf(found, project.name).some(text => text.includes(record))) return false;
  const client = (raw: WireConnection) => asText(asObject(raw.data)?.['clientId']);
  const type = (raw: WireConnection) => asText(raw.type)?.toLowerCase();
  return type(found) === type(wanted) && client(found) === client(wanted);
}

/** A name that is taken by a connection that this user does not see is no matter of a role at the project. */
function notCreated(failure: Failure, { name }: ConnectRequest): Failure {
  const { reason = '', typeKey = '' } = failure.facts;
  if (!/already exists|duplicate/i.test(`${typeKey} ${reason}`)) return failure;
  return new Failure(
    'store-refused',
    `${failure.what} The project has a connection of this name, and does not show it to the user who signed in.`,
    `Choose another name than "${sanitize(name, 80)}" with --name, or let its administrator give this user the role Administrator of it (Project settings, Service connections, the connection, Security).`,
  );
}
