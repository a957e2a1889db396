import { retryFor } from '#agent/effects';
import { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import { bearer } from '#azure-devops/identity';
import { UserPats } from '#pat/user-pats';
import { listUntilStable, ownPats } from '#pat/pat-client';
import type { ListedPat } from '#azure-devops/listed-pat';
import { madeByJobPat, readJobPatName } from '#pat/run-name';

import { DAY, HOUR, formatLifetime, formatMoment } from '#text/lifetime';
import { sanitize } from '#text/sanitize';
import type { Colors } from 'picocolors/types.js';
import { countOf } from '#text/count';
import type { TerminalEffects } from '../effects.js';
import { askForMissing, requiredToSignIn } from '../missing-options.js';
import { readApplication, readOrganization, type SignInOptions } from '../options.js';
import { printJson } from '../print-json.js';
import { EXIT } from '../run-command.js';
import { fittedTable } from '../screen-text.js';
import { accessTokenFor } from '../sign-in/sign-in.js';

export interface ListOptions extends SignInOptions {
  readonly jobPat: boolean;
  /** Only those that are for no organization in particular, which stop working on 2026-12-01. */
  readonly global?: boolean;
  readonly json: boolean;
}

/** For a list of any length; milliseconds. */
export const READING_BUDGET = 10 * 60_000;

/** The active PATs of the user who signs in. @throws Failure */
export async function list(given: ListOptions, effects: TerminalEffects): Promise<number> {
  const options = await askForMissing(given, requiredToSignIn(given), effects.agent);
  const faults = new ValidationErrors();
  const organization = readOrganization(options.organization, faults);
  const application = readApplication(options, organization, faults);
  faults.throwIfAny();
  if (organization === undefined) throw new Error('the organization is missing without a fault');
  effects.reach.addOrganization(organization);

  const token = await accessTokenFor(organization, application, options, effects);
  const wanted = ({ displayName, allOrganizations }: ListedPat) =>
    (!options.jobPat || madeByJobPat(displayName)) && (options.global !== true || allOrganizations === true);
  const pats = await listUntilStable(
    ownPats(new UserPats(bearer('issuing-user', token), effects), organization, effects),
    wanted,
    retryFor(effects, READING_BUDGET),
  );
  const { agent } = effects;
  if (options.json) {
    printJson(pats.map(described), agent);
  } else if (pats.length === 0) {
    const kind = options.global === true ? 'global PAT' : 'PAT';
    agent.say(`${organization.name}: no active ${kind}${options.jobPat ? ' made by Job PAT' : ''}.`);
  } else {
    agent.print(patTable(pats, agent.colors.out, agent.width, effects.clock.now()));
    agent.say(agent.colors.err.dim(`${countOf(pats.length, 'active PAT')} in ${organization.name}.`));
  }
  return EXIT.done;
}

/** A list for a person on the screen that shows it. Names and scopes stand whole: two may differ at their end. */
export function patTable(
  pats: readonly ListedPat[],
  { bold, dim, red, yellow }: Colors,
  width: number,
  now: Date,
): string {
  const left = (pat: ListedPat) => {
    if (pat.validTo === undefined) return '';
    const remaining = pat.validTo.getTime() - now.getTime();
    const text = formatLifetime(remaining);
    return remaining < HOUR ? red(text) : remaining < 7 * DAY ? yellow(text) : text;
  };
  const rows = pats.map(pat => [
    sanitize(pat.displayName, LONGEST_SHOWN),
    sanitize(pat.scope, LONGEST_SHOWN),
    pat.validFrom === undefined ? '' : formatMoment(pat.validFrom),
    left(pat),
    pat.authorizationId,
  ]);
  const columns = [
    { title: 'NAME', paint: bold },
    { title: 'SCOPES' },
    { title: 'MADE' },
    { title: 'ENDS IN' },
    { title: 'AUTHORIZATION ID', paint: dim },
  ];
  return fittedTable(columns, rows, width, dim);
}

const LONGEST_SHOWN = 300;

function described(pat: ListedPat): object {
  const run = readJobPatName(pat.displayName);
  return {
    authorizationId: pat.authorizationId,
    displayName: pat.displayName,
    scopes: pat.scope.split(/\s+/).filter(scope => scope !== ''),
    validFrom: pat.validFrom?.toISOString(),
    validTo: pat.validTo?.toISOString(),
    madeByJobPat: madeByJobPat(pat.displayName),
    allOrganizations: pat.allOrganizations === true,
    ...(run === undefined ? {} : { run }),
  };
}
