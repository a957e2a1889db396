import { retryFor } from '#agent/effects';
import { inTurn } from '#http/pace';
import { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import { bearer } from '#azure-devops/identity';
import { UserPats } from '#pat/user-pats';
import { listUntilStable, ownPats, type PatClient } from '#pat/pat-client';
import type { ListedPat } from '#azure-devops/listed-pat';
import { type Failure, asFailure } from '#advice/failure';
import { asGuid } from '#text/json';
import { sanitize } from '#text/sanitize';
import type { TerminalEffects } from '../effects.js';
import { askForMissing, requiredToSignIn } from '../missing-options.js';
import { readApplication, readOrganization, type SignInOptions } from '../options.js';
import { atTerminal } from '../advice.js';
import { EXIT } from '../run-command.js';
import { accessTokenFor, REQUEST_BUDGET } from '../sign-in/sign-in.js';
import { typedText } from '../typed-text.js';
import type { Terminal } from '../terminal.js';
import { patTable, READING_BUDGET } from './list.js';

export interface RevokeOptions extends SignInOptions {
  readonly yes: boolean;
}

/** Those that were named; at a terminal a person is asked for one. */
async function whichPats(named: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  if (named.length > 0 || !terminal.interactive) return named;
  const answer = await terminal.ask('Which PAT, by its whole name or authorization id:');
  return answer === '' ? [] : [answer];
}

/** Revokes own PATs by authorization id or by their whole name, after a question. @throws Failure */
export async function revoke(
  named: readonly string[],
  given: RevokeOptions,
  effects: TerminalEffects,
): Promise<number> {
  const { agent } = effects;
  const options = await askForMissing(given, requiredToSignIn(given), agent);
  const wanted = await whichPats(named, agent);
  const faults = new ValidationErrors();
  const organization = readOrganization(options.organization, faults);
  const application = readApplication(options, organization, faults);
  if (!options.yes && !agent.interactive)
    faults.option('--yes', 'without a terminal nobody can be asked. Example: job-pat revoke <id> --yes');
  if (wanted.length === 0)
    faults.option('<id or name...>', 'is required. Example: job-pat revoke "laptop of Ann"');
  if (wanted.some(text => text.trim() === ''))
    faults.option('<id or name...>', 'one is empty. Example: job-pat revoke "laptop of Ann"');
  faults.throwIfAny();
  if (organization === undefined) throw new Error('the organization is missing without a fault');
  effects.reach.addOrganization(organization);

  const token = await accessTokenFor(organization, application, options, effects);
  const book = ownPats(new UserPats(bearer('issuing-user', token), effects), organization, effects);
  const names = new Map(wanted.map(text => [asGuid(text) ?? text, text]));
  const isWanted = (pat: ListedPat) => names.has(pat.authorizationId) || names.has(pat.displayName);
  const found = await listUntilStable(book, isWanted, retryFor(effects, READING_BUDGET));
  const missing = [...names.keys()].filter(
    name => !found.some(pat => pat.authorizationId === name || pat.displayName === name),
  );
  for (const name of missing)
    agent.warning(`${organization.name} has no active PAT "${typedText(name)}" of yours.`);
  if (found.length === 0) return EXIT.failed;

  if (!options.yes) {
    agent.say(patTable(found, agent.colors.err, agent.sayWidth, effects.clock.now()));
    const answer = await agent.ask(
      `Revoke ${found.length === 1 ? 'this PAT' : `these ${found.length} PATs`}? [y/N]`,
    );
    if (!/^y(es)?$/i.test(answer)) {
      agent.say('Nothing was revoked.');
      return EXIT.failed;
    }
  }
  const failed = await revokeEach(found, book, effects);
  return failed > 0 || missing.length > 0 ? EXIT.failed : EXIT.done;
}

/** @returns how many could not be revoked */
async function revokeEach(
  pats: readonly ListedPat[],
  book: PatClient,
  effects: TerminalEffects,
): Promise<number> {
  const { agent } = effects;
  const failures = await inTurn(pats, async (pat): Promise<Failure | undefined> => {
    const name = sanitize(pat.displayName, 128);
    try {
      await book.revoke(pat.authorizationId, retryFor(effects, REQUEST_BUDGET));
      agent.say(`${agent.colors.err.green('✓')} Revoked "${name}" (${pat.authorizationId}).`);
      return undefined;
    } catch (error) {
      const failure = asFailure(error);
      if (failure.topic !== 'cancelled') agent.error(`"${name}" stays alive: ${atTerminal(failure).message}`);
      return failure;
    }
  });
  const stopped = failures.find(failure => failure?.topic === 'cancelled');
  if (stopped !== undefined) throw stopped;
  return failures.filter(failure => failure !== undefined).length;
}
