import { patienceFor } from '../../tasks/common/agent/effects.js';
import { InputFaults } from '../../tasks/common/inputs/input-faults.js';
import { listSettled, ownPats } from '../../tasks/common/pats/pat-book.js';
import type { ListedPat } from '../../tasks/common/pats/pats.js';
import { madeByJobPat, readJobPatName } from '../../tasks/common/runs/run-name.js';

import { jsonText } from '../../tasks/common/text/json-text.js';
import { DAY, HOUR, spokenLifetime, spokenMoment } from '../../tasks/common/text/lifetime.js';
import { outsideText } from '../../tasks/common/text/outside-text.js';
import { plainTable } from '../../tasks/common/text/table.js';
import type { TerminalEffects } from '../effects.js';
import { readApplication, readOrganization, type SignInOptions } from '../options.js';
import { EXIT } from '../run-command.js';
import { accessTokenFor } from '../sign-in/sign-in.js';

export interface ListOptions extends SignInOptions {
  readonly jobPat: boolean;
  readonly json: boolean;
}

/** For a list of any length; milliseconds. */
export const READING_BUDGET = 10 * 60_000;

/** The active PATs of the user who signs in. @throws Failure */
export async function list(options: ListOptions, effects: TerminalEffects): Promise<number> {
  const faults = new InputFaults();
  const organization = readOrganization(options.organization, faults);
  const application = readApplication(options, faults);
  faults.throwIfAny();
  if (organization === undefined) throw new Error('the organization is missing without a fault');

  const token = await accessTokenFor(organization, application, options, effects);
  const wanted = ({ displayName }: ListedPat) => !options.jobPat || madeByJobPat(displayName);
  const pats = await listSettled(
    ownPats(organization, token, effects),
    wanted,
    patienceFor(effects, READING_BUDGET),
  );
  const { agent } = effects;
  if (options.json) {
    agent.print(jsonText(pats.map(described)));
  } else if (pats.length === 0) {
    agent.say(`${organization.name}: no active PAT${options.jobPat ? ' made by Job PAT' : ''}.`);
  } else {
    agent.print(patTable(pats, effects));
    agent.say(agent.colors.err.dim(`${pats.length} active in ${organization.name}.`));
  }
  return EXIT.done;
}

/** A table for a person, the newest PAT first. */
export function patTable(pats: readonly ListedPat[], { agent, clock }: TerminalEffects): string {
  const { bold, dim, red, yellow } = agent.colors.out;
  const now = clock.now().getTime();
  const left = (pat: ListedPat) => {
    if (pat.validTo === undefined) return '';
    const remaining = pat.validTo.getTime() - now;
    const text = spokenLifetime(remaining);
    return remaining < HOUR ? red(text) : remaining < 7 * DAY ? yellow(text) : text;
  };
  const longest = agent.width < 140 ? 48 : 90;
  const rows = pats.map(pat => [
    bold(outsideText(pat.displayName, longest)),
    outsideText(pat.scope, 40),
    pat.validFrom === undefined ? '' : spokenMoment(pat.validFrom),
    left(pat),
    dim(pat.authorizationId),
  ]);
  return plainTable(
    ['NAME', 'SCOPES', 'MADE', 'ENDS IN', 'AUTHORIZATION ID'].map(title => dim(title)),
    rows,
  );
}

function described(pat: ListedPat): object {
  const run = readJobPatName(pat.displayName);
  return {
    authorizationId: pat.authorizationId,
    displayName: pat.displayName,
    scopes: pat.scope.split(/\s+/).filter(scope => scope !== ''),
    validFrom: pat.validFrom?.toISOString(),
    validTo: pat.validTo?.toISOString(),
    madeByJobPat: madeByJobPat(pat.displayName),
    ...(run === undefined ? {} : { run }),
  };
}
