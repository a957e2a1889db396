import { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import type { Organization } from '#azure-devops/organization';
import { Failure } from '#advice/failure';
import { sanitize } from '#text/sanitize';
import { sentence } from '#text/sentence';
import { checkReportFile, report } from './report.js';
import type { Check } from '../doctor/check.js';
import { checkConnection } from '../doctor/connection-checks.js';
import { checkCreation, checkUser } from '../doctor/policy-checks.js';
import { checkReachable, checkTenant } from '../doctor/reachability.js';
import { checkSignIn } from '../doctor/sign-in-checks.js';
import type { TerminalEffects } from '../effects.js';
import { askForMissing, requiredToSignIn } from '../missing-options.js';
import {
  readApplication,
  readConnectionName,
  readOrganization,
  readProject,
  type Application,
  type SignInOptions,
} from '../options.js';
import { printJson } from '../print-json.js';
import { hanging } from '../screen-text.js';
import { withServiceClock } from '../service-clock.js';
import type { Terminal } from '../terminal.js';

export interface DoctorOptions extends SignInOptions {
  readonly project?: string;
  readonly name: string;
  readonly json: boolean;
  /** A file about what the organization answers, in place of the checks. */
  readonly report?: string;
  readonly yes?: boolean;
}

const CODE = { ok: 0, warn: 1, fail: 2 } as const;

/** Checks a set-up from the network to a PAT. What rests on a check that fails is not tried. @throws Failure */
export async function doctor(given: DoctorOptions, effects: TerminalEffects): Promise<number> {
  const options = await askForMissing(given, requiredToSignIn(given), effects.agent);
  const faults = new ValidationErrors();
  const organization = readOrganization(options.organization, faults);
  const application = readApplication(options, organization, faults);
  const project = readProject(options.project, faults);
  const name = readConnectionName(options.name, faults);
  if (options.report !== undefined) await checkReportOptions(options, options.report, effects.agent, faults);
  else if (options.yes === true) faults.option('--yes', 'belongs to --report');
  faults.throwIfAny();
  if (organization === undefined) throw new Error('the organization is missing without a fault');
  effects.reach.addOrganization(organization);
  if (options.report !== undefined)
    return report(organization, application, { ...options, report: options.report }, effects);

  const checks: Check[] = [];
  const place = project === undefined ? undefined : { project, name };
  for await (const check of examine(organization, application, place, options, effects)) {
    checks.push(check);
    if (!options.json) effects.agent.print(lineOf(check, effects.agent));
  }
  if (options.json) printJson({ organization: organization.url, checks }, effects.agent);
  return checks.reduce<number>((worst, { level }) => Math.max(worst, CODE[level]), 0);
}

async function checkReportOptions(
  { json, yes, project }: DoctorOptions,
  file: string,
  { interactive }: Terminal,
  faults: ValidationErrors,
): Promise<void> {
  await checkReportFile(file, faults);
  if (json) faults.option('--json', 'and --report cannot go together: the report is a file of its own');
  if (project !== undefined)
    faults.option('--project', 'and --report cannot go together: no connection is looked at');
  if (yes !== true && !interactive)
    faults.option('--yes', 'is required with --report where there is no terminal to ask at');
}

async function* examine(
  organization: Organization,
  application: Application,
  place: { readonly project: string; readonly name: string } | undefined,
  options: DoctorOptions,
  here: TerminalEffects,
): AsyncGenerator<Check> {
  const { checks, greeting } = await checkReachable(organization, here);
  yield* checks;
  if (greeting === undefined) return;
  const tenant = checkTenant(application.tenantId, greeting, organization);
  yield tenant;
  if (tenant.level === 'fail') return;
  // A clock that is wrong is told above; the checks below go by that of the service.
  const effects = withServiceClock(here, greeting);
  const signedIn = await checkSignIn(organization, application, options, effects);
  yield* signedIn.checks;
  if (signedIn.accessToken === undefined) return;
  const user = await checkUser(organization, signedIn.accessToken, effects);
  yield user;
  if (user.level === 'fail') return;
  const creation = await checkCreation(organization, signedIn.accessToken, effects);
  yield creation;
  if (creation.level === 'fail' || place === undefined) return;
  // Putting the last check in order may have outlived the wish for more.
  if (effects.cancelled.aborted) throw new Failure('cancelled', 'Stopped.', '');
  const connection = { organization, ...place, clientId: application.clientId };
  yield* await checkConnection(connection, signedIn.accessToken, effects);
}

function lineOf({ name, level, text, repair }: Check, { colors, width }: Terminal): string {
  const paint = { ok: colors.out.green, warn: colors.out.yellow, fail: colors.out.red }[level];
  const end = repair === '' ? '' : ` ${colors.out.bold(sanitize(repair, 500))}`;
  const said = sanitize(text, 500);
  const whole = `${repair === '' ? said : sentence(said)}${end}`;
  return hanging(`${paint(level.padEnd(4))}  ${name.padEnd(14)} `, whole, width);
}
