import type { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import type { Organization } from '#azure-devops/organization';
import { LONGEST_DESCRIPTION } from '#azure-devops/edit-connection';
import { renewalAt, withRenewal } from '#pat/renewal-tag';
import {
  readApplication,
  readConnectionName,
  readOrganization,
  readProject,
  type Application,
  type SignInOptions,
} from '../options.js';
import { readCeilingOptions, type CeilingFields } from './ceiling-options.js';
import { readSignInMode, type SignInMode, type SignInModeOptions } from './sign-in-mode.js';

export interface ConnectOptions extends SignInOptions, SignInModeOptions, Partial<CeilingFields> {
  readonly project?: string;
  readonly name: string;
  readonly description?: string;
  readonly printAppRegistration: boolean;
}

/** A service connection to be made, checked by the same rules as the tasks read it with. */
export interface ConnectRequest {
  readonly home: Organization;
  readonly application: Application;
  readonly signIn: SignInMode;
  readonly project: string;
  readonly name: string;
  /** Undefined: none, or the one it has. */
  readonly description: string | undefined;
  /** Ceilings that an option names. */
  readonly ceilings: Partial<CeilingFields>;
}

/** @throws Failure that names every fault at once */
export function readConnectRequest(options: ConnectOptions, faults: ValidationErrors): ConnectRequest {
  const signIn = readSignInMode(options, faults);
  const home = readOrganization(options.organization, faults);
  const application = readApplication(options, home, faults, { takesToken: false });
  const project = readRequiredProject(options, faults);
  const name = readConnectionName(options.name, faults);
  const description = readDescription(options.description, faults);
  const ceilings = readCeilingOptions(options, home, faults);
  faults.throwIfAny();
  if (home === undefined || project === undefined || signIn === undefined)
    throw new Error('an option is missing without a fault');
  return { home, application, signIn, project, name, description, ceilings };
}

export function readRequiredProject(
  options: Pick<ConnectOptions, 'project'>,
  faults: ValidationErrors,
): string | undefined {
  const project = readProject(options.project, faults);
  if (project === undefined) faults.option('--project', 'is required. Example: --project Shop');
  return project;
}

/** What is left of the description beside the line that tells when the refresh token was issued. */
export const ROOM_FOR_DESCRIPTION =
  LONGEST_DESCRIPTION - withRenewal(' ', renewalAt(new Date(0), '00000000')).length + 1;

function readDescription(text: string | undefined, faults: ValidationErrors): string | undefined {
  if (text !== undefined && text.length > ROOM_FOR_DESCRIPTION)
    faults.option(
      '--description',
      `has ${text.length} characters, and there is room for ${ROOM_FOR_DESCRIPTION}. Example: --description "PATs for the jobs of Shop"`,
    );
  return text;
}
