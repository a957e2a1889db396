import { readCeilings, type Ceilings } from '../../tasks/common/inputs/ceilings.js';
import type { InputFaults } from '../../tasks/common/inputs/input-faults.js';
import type { Organization } from '../../tasks/common/inputs/organization.js';
import { parseScopes } from '../../tasks/common/inputs/scopes.js';
import { readApplication, readOrganization, type Application, type SignInOptions } from '../options.js';

export interface ConnectOptions extends SignInOptions {
  readonly project?: string;
  readonly name: string;
  readonly description?: string;
  readonly allowedScopes?: string;
  readonly maxLifetime?: string;
  readonly allowedOrganizations?: string;
  readonly printAppRegistration: boolean;
}

/** A service connection to be made, checked by the same rules as the tasks read it with. */
export interface ConnectRequest {
  readonly home: Organization;
  readonly application: Application;
  readonly project: string;
  readonly name: string;
  /** Undefined: none, or the one it has. */
  readonly description: string | undefined;
  /** Fields of the connection as they are written; undefined where an option was left away. */
  readonly allowedScopes: string | undefined;
  readonly maxLifetime: string | undefined;
  readonly allowedOrganizations: string | undefined;
  readonly ceilings: Ceilings;
}

const LONGEST_NAME = 256;

/** @throws Failure that names every fault at once */
export function readConnectRequest(options: ConnectOptions, faults: InputFaults): ConnectRequest {
  const home = readOrganization(options.organization, faults);
  const application = readApplication(options, faults);
  if (application.clientId === undefined)
    faults.option(
      '--client-id',
      'is required: the id of your own Entra application. "job-pat connect --print-app-registration" prints how to make one',
    );
  const project = options.project?.trim() ?? '';
  if (project === '' || /[\p{Cc}/\\]/u.test(project))
    faults.option(
      '--project',
      `${project === '' ? 'is required' : `"${project}" is not the name of a project`}. Example: --project Shop`,
    );
  const name = options.name.trim();
  if (name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name))
    faults.option(
      '--name',
      `"${name}" cannot be the name of a service connection. Example: --name "PAT issuer"`,
    );
  const allowedScopes =
    options.allowedScopes === undefined ? undefined : readScopes(options.allowedScopes, faults);
  const maxLifetime = options.maxLifetime?.trim();
  const allowedOrganizations =
    options.allowedOrganizations === undefined ? undefined : words(options.allowedOrganizations);
  const ceilings =
    home === undefined
      ? undefined
      : readCeilings(
          {
            allowedScopes: allowedScopes ?? '',
            maxLifetime: maxLifetime ?? '',
            allowedOrganizations: allowedOrganizations ?? '',
          },
          home,
          faults,
        );
  faults.throwIfAny();
  if (home === undefined || ceilings === undefined) throw new Error('an option is missing without a fault');
  return {
    home,
    application,
    project,
    name,
    description: options.description,
    allowedScopes,
    maxLifetime,
    allowedOrganizations,
    ceilings,
  };
}

/** Labels of the portal are understood too; the connection holds URIs. */
function readScopes(text: string, faults: InputFaults): string {
  const { scopes, faults: unknown } = parseScopes(text, { allowUnknown: false });
  for (const fault of unknown) faults.option('--allowed-scopes', fault);
  return scopes.join(' ');
}

function words(text: string): string {
  return text
    .split(/[\s,;]+/)
    .filter(word => word !== '')
    .join(' ');
}
