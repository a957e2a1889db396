import { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import type { TerminalEffects } from '../effects.js';
import { readPatRequest, requiredForPat, tellWarnings, type PatOptions } from '../issue/pat-request.js';
import { TerminalPat } from '../issue/terminal-pat.js';
import { askForMissing } from '../missing-options.js';
import { readApplication, readOrganization, type SignInOptions } from '../options.js';
import { EXIT } from '../run-command.js';
import { signInUser } from '../sign-in/sign-in.js';
import { typedText } from '../typed-text.js';

export type IssueOptions = SignInOptions & PatOptions;

/**
 * Prints a new PAT once, to standard output alone. One that nobody could be given is revoked.
 * @throws Failure
 */
export async function issue(given: IssueOptions, effects: TerminalEffects): Promise<number> {
  const options = await askForMissing(given, requiredForPat(given), effects.agent);
  const faults = new ValidationErrors();
  const organization = readOrganization(options.organization, faults);
  const application = readApplication(options, organization, faults);
  const request = readPatRequest(options, faults);
  faults.throwIfAny();
  if (organization === undefined) throw new Error('the organization is missing without a fault');
  effects.reach.addOrganization(organization);
  const { agent } = effects;
  tellWarnings(request, agent);

  const signIn = await signInUser(organization, application, options, effects);
  const terminalPat = new TerminalPat(organization, request, signIn, effects);
  try {
    const pat = await terminalPat.issue();
    await agent.handOut(pat.value);
    agent.say(
      agent.colors.err.dim(
        `It is shown this once. To end it:\n  job-pat revoke -o ${typedText(options.organization ?? '')} ${pat.authorizationId}`,
      ),
    );
  } catch (error) {
    await terminalPat.revoke();
    throw error;
  }
  return EXIT.done;
}
