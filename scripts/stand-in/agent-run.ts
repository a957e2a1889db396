import type { Emulator } from '#emulator/index';
import {
  azureConnection,
  azureConnectionName,
  emulatedRun,
  issuerConnectionName,
  type SignInMode,
} from '#local-agent/emulated-run';
import type { JobOptions, ServiceConnection } from '#local-agent/index';
import { localAddresses } from './addresses.js';
import { names, RUN, type World } from './world.js';

/** What the local agent needs to run a pipeline in a furnished organization. It goes from process to process as JSON. */
export interface AgentRun extends Pick<JobOptions, 'jobToken' | 'addresses'> {
  readonly collectionUrl: string;
  readonly serviceConnections: Readonly<Record<string, ServiceConnection>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** @param mode the way the issuer's connection signs in; what the world was furnished with by default */
export function agentRun(emulator: Emulator, world: World, mode: SignInMode = world.mode): AgentRun {
  const { organization, organizations, project } = world;
  const ceilings = { allowedOrganizations: organizations.join(' ') };
  const run = emulatedRun(emulator, ceilings, mode, organization);
  const issuer = mode === world.mode ? saved(emulator, issuerConnectionName) : undefined;
  return {
    collectionUrl: run.collectionUrl,
    ...(run.jobToken === undefined ? {} : { jobToken: run.jobToken }),
    serviceConnections: {
      ...run.serviceConnections,
      ...(issuer && { [issuerConnectionName]: issuer }),
      [names.feedConnection]: saved(emulator, names.feedConnection),
      [azureConnectionName]: azureConnection(emulator),
    },
    variables: {
      ...run.variables,
      'System.TeamProjectId': project.id,
      'System.TeamProject': project.name,
      'Build.BuildId': String(RUN),
    },
    addresses: localAddresses(emulator.url, organizations),
  };
}

/** A service connection as the service holds it now, secrets included. */
function saved(emulator: Emulator, name: string): ServiceConnection {
  const { id, url, scheme, parameters, data } = emulator.connections.get(name);
  return { id, url, scheme, parameters, data };
}
