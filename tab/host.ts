import type { TeamProjectReference } from 'azure-devops-node-api/interfaces/CoreInterfaces.js';
import type { Build } from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import * as SDK from 'azure-devops-extension-sdk';
import { asObject, asText, type Unparsed } from '#text/json';
import type { BuildPlace } from './build-api.js';
import { organizationUrl } from './organization-url.js';

/** The build whose results the host shows. */
export interface ShownBuild {
  readonly place: BuildPlace;
  /** Whether anything can still happen in it. */
  readonly isOver: boolean;
}

interface LocationService {
  getServiceLocation(): Promise<string>;
}

interface ResultsConfiguration {
  onBuildChanged(listener: (build: unknown) => void): void;
}

const LOCATION_SERVICE = 'ms.vss-features.location-service';

/**
 * Tells each build that the host shows, and the same again whenever it has changed.
 * The host calls with a build as the REST API has it; what is used of it is looked at, not believed.
 *
 * @throws Error when the page is not shown in the results of a run
 */
export function onBuildShown(show: (build: unknown) => void): void {
  const configuration: unknown = SDK.getConfiguration();
  if (!isResultsConfiguration(configuration)) {
    throw new Error('This page is made to be a tab of the results of a run.');
  }
  configuration.onBuildChanged(show);
}

/** @throws Error when the host does not say enough */
export async function shownBuild(build: unknown): Promise<ShownBuild> {
  const said: Unparsed<Build> | undefined = asObject(build);
  const buildId = said?.id;
  if (typeof buildId !== 'number' || !Number.isSafeInteger(buildId) || buildId < 1) {
    throw new Error('The page that shows this tab does not say which run it is.');
  }
  const location = await SDK.getService<LocationService>(LOCATION_SERVICE);
  const address = await location.getServiceLocation();
  const projectSaid: Unparsed<TeamProjectReference> | undefined = asObject(said?.project);
  const project = asText(projectSaid?.id) ?? SDK.getWebContext().project.id;
  const status = said?.status;
  return {
    place: { organizationUrl: organizationUrl(address), project, buildId },
    // BuildStatus.Completed, as number in the client, as word in the REST API.
    isOver: status === 2 || status === 'completed',
  };
}

export const accessToken = (): Promise<string> => SDK.getAccessToken();

function isResultsConfiguration(value: unknown): value is ResultsConfiguration {
  return typeof asObject(value)?.['onBuildChanged'] === 'function';
}
