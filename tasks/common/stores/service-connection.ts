import type { Log } from '#text/log';
import { retry, type RetryPolicy } from '#http/retry';
import { tagIn, withTag } from '#azure-devops/description-tag';
import {
  descriptionsOf,
  isShownWhole,
  LONGEST_DESCRIPTION,
  secretParameters,
  withDescription,
  withParameter,
} from '#azure-devops/edit-connection';
import {
  serviceConnections,
  type FoundConnection,
  type ServiceConnections,
} from '#azure-devops/service-connections';
import { asFailure, Failure, type FailureTopic } from '#advice/failure';
import { asGuid, type JsonObject } from '#text/json';
import { sanitize } from '#text/sanitize';
import { secretSlotFault, holdsValue, isSecretOfScheme } from './secret-slot.js';
import type { PatStore } from './store.js';
import { required, type StoreKind } from './store-kind.js';
import { notShown, storeError, rethrowAsStoreError } from './store-error.js';
import type { StoreIdentity } from './store-identity.js';

/** In front of the authorization id, in a line of the description. */
const MARK = 'job-pat:rotated/';
const ANY_ID = '00000000-0000-0000-0000-000000000000';

/** What a write to a service connection needs. */
export const SERVICE_CONNECTION_SCOPES = ['vso.serviceendpoint_manage'] as const;

/** What an entry says of a service connection. */
export interface ServiceConnectionChoice {
  readonly kind: 'serviceConnection';
  /** Name or id, as of the project. */
  readonly serviceConnection: string;
  readonly project: string;
  /** The authorization parameter that holds the PAT: `apitoken`, or `password` where there is a user name. */
  readonly connectionParameter: string;
}

export const SERVICE_CONNECTION_KEYS = ['serviceConnection', 'connectionParameter'] as const;

export const serviceConnection: StoreKind<ServiceConnectionChoice, (typeof SERVICE_CONNECTION_KEYS)[number]> =
  {
    keys: SERVICE_CONNECTION_KEYS,
    writeScopes: SERVICE_CONNECTION_SCOPES,
    read(source) {
      const name = required(source, 'serviceConnection', 'Azure Artifacts');
      const parameter = source.text('connectionParameter');
      if (!/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(parameter))
        source.fault(
          'connectionParameter',
          `"${parameter}" is not the name of a parameter. Example: apitoken`,
        );
      return {
        kind: 'serviceConnection',
        serviceConnection: name,
        project: source.text('project'),
        connectionParameter: parameter,
      };
    },
    claims: ({ project, serviceConnection }) => [`connection ${project}/${serviceConnection}`.toLowerCase()],
    open: (choice, { project, signIn, effects }) =>
      serviceConnectionStore({ ...choice, project: choice.project || project }, signIn, effects.agent),
  };

/** After these the other identity may see what this one does not. */
const NOT_SEEN: ReadonlySet<FailureTopic> = new Set(['access-denied', 'project-not-found']);

/**
 * A secret of a service connection, with the authorization id in a line of its description.
 *
 * An update replaces the whole connection, so it is read right before, by the identity that writes, and sent back as
 * it was but for the two. Other secrets are read as `null`, and nobody here holds them: they are sent back so, which is
 * what the pages of the service do, with a warning, since it is not published that they stay.
 */
function serviceConnectionStore(
  { project, serviceConnection: connection, connectionParameter: parameter }: ServiceConnectionChoice,
  { who, reader, writer }: StoreIdentity,
  agent: Pick<Log, 'warning'>,
): PatStore {
  const { organization } = writer;
  const named = `service connection "${sanitize(connection, 80)}"`;
  const asWriter = serviceConnections({ project, who, reader: writer, writer });
  const asReader = serviceConnections({ project, who, reader, writer });
  let known: string | undefined;

  /** The identity that reads may see nothing where the one that writes does. */
  const look = async (policy: RetryPolicy): Promise<FoundConnection | undefined> => {
    let failure: Failure | undefined;
    try {
      const found = await lookWith(asReader, connection, known, parameter, policy);
      if (found !== undefined) return found;
    } catch (error) {
      failure = asFailure(error);
      if (!NOT_SEEN.has(failure.topic)) throw failure;
    }
    if (reader !== writer) return lookWith(asWriter, connection, known, parameter, policy);
    if (failure !== undefined) throw failure;
    return undefined;
  };

  const usable = (found: FoundConnection | undefined): FoundConnection => {
    if (found === undefined) {
      throw new Failure(
        'store-not-usable',
        `There is no ${named} in project "${sanitize(project, 80)}" of ${organization.name} that ${who} may see.`,
        'Check name and project, and give that identity the role Administrator of the connection (Project settings, Service connections, the connection, Security).',
      );
    }
    const fault = secretSlotFault(found, parameter);
    if (fault !== undefined) throw new Failure('store-not-usable', fault.what, fault.repair);
    const descriptions = descriptionsOf(found.raw, project).map(text => withTag(text, MARK, ANY_ID));
    if (descriptions.some(text => text.length > LONGEST_DESCRIPTION)) {
      throw new Failure(
        'store-not-usable',
        `The description of ${named} has no room for the line ${MARK}<authorization id>: ${LONGEST_DESCRIPTION} characters are the most.`,
        'Shorten the description by 60 characters.',
      );
    }
    return found;
  };

  let isWarned = false;
  const warnOfOthers = ({ raw }: FoundConnection): void => {
    const others = secretParameters(raw).filter(name => name.toLowerCase() !== parameter.toLowerCase());
    if (others.length === 0 || isWarned) return;
    isWarned = true;
    agent.warning(
      `The ${named} holds other secrets, which nobody can read: ${sanitize(others.join(', '), 200)}. They are sent back as they are shown. Check once that the connection still works.`,
    );
  };

  return {
    place: `${named}, ${parameter}`,

    async look(policy) {
      const found = usable(await look(policy));
      known = found.id;
      const recorded = recordOf(found.raw, project);
      // A list leaves secrets out, so it does not tell whether there is one.
      const isForeign = recorded === undefined && holdsValue((await look(policy)) ?? found, parameter);
      const container = `serviceconnection/${organization.name}/${found.id}`.toLowerCase();
      const exactly = `${container}/${parameter}`.toLowerCase();
      // There is room for one record.
      return { place: exactly, container, claims: [container], recorded, isForeign };
    },

    async recorded(policy) {
      const found = usable(await look(policy));
      known = found.id;
      return recordOf(found.raw, project);
    },

    async write({ value, authorizationId }, policy) {
      await retry(policy, async within => {
        const found = await rethrowAsStoreError(async () => {
          known ??= usable(await asWriter.find(connection, within)).id;
          const found = usable(await asWriter.read(known, within));
          if (isShownWhole(found)) return found;
          throw new Failure(
            'store-refused',
            `${organization.name} shows ${who} only a part of ${named}, which cannot be sent back whole.`,
            'Give that identity the role Administrator of the connection (Project settings, Service connections, the connection, Security).',
          );
        });
        const body = withDescription(withParameter(found.raw, parameter, value), project, text =>
          withTag(text, MARK, authorizationId),
        );
        warnOfOthers(found);
        const outcome = await asWriter.update(body, within);
        switch (outcome.kind) {
          case 'written':
            if (outcome.raw !== undefined && recordOf(outcome.raw, project) === authorizationId)
              return { done: undefined };
            throw notShown(`${named}, ${parameter}`);
          case 'refused':
          case 'unclear':
            throw outcome.failure;
          case 'later':
            return { later: storeError(outcome.failure), wait: outcome.wait };
        }
      });
    },
  };
}

/**
 * By the id that is known, else by name. A list shows no secret parameters, so one that the scheme does not tell is
 * looked for in the connection itself.
 */
async function lookWith(
  connections: ServiceConnections,
  nameOrId: string,
  known: string | undefined,
  parameter: string,
  policy: RetryPolicy,
): Promise<FoundConnection | undefined> {
  if (known !== undefined) return connections.read(known, policy);
  const found = await connections.find(nameOrId, policy);
  if (found === undefined || isSecretOfScheme(found, parameter)) return found;
  return (await connections.read(found.id, policy)) ?? found;
}

function recordOf(raw: JsonObject, project: string): string | undefined {
  const records = descriptionsOf(raw, project).map(text => asGuid(tagIn(text, MARK)));
  return records.find(id => id !== undefined);
}
