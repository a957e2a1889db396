import { parseTools } from '#tools/tool-names';
import { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import type { TerminalEffects } from '../effects.js';
import {
  readPatRequest,
  requiredForPat,
  tellWarnings,
  type PatOptions,
  type PatRequest,
} from '../issue/pat-request.js';
import { askForMissing } from '../missing-options.js';
import { TerminalPat } from '../issue/terminal-pat.js';
import { readApplication, readOrganization, type SignInOptions } from '../options.js';
import { findProgram } from '../programs/find-program.js';
import { NOT_EXECUTABLE, NOT_FOUND, runProgramOf, type Ended } from '../programs/run-program.js';
import { readyTools, type AskedTools, type ReadyTools } from '../programs/ready-tools.js';
import { EXIT } from '../run-command.js';
import { secretsFromPerson, signInUser } from '../sign-in/sign-in.js';
import { typedText } from '../typed-text.js';

export interface ExecOptions extends SignInOptions, PatOptions {
  readonly configure?: string;
}

/**
 * Issues a PAT, runs one command with it, and revokes it when the command is over, whatever it came to.
 *
 * @returns the exit code of the command; 1 where it was 0 and the PAT stays alive
 * @throws Failure
 */
export async function exec(
  command: readonly string[],
  given: ExecOptions,
  effects: TerminalEffects,
): Promise<number> {
  const { agent, signals, cleanup } = effects;
  // Without a command nothing else is worth a question.
  const required = command.length === 0 ? [] : requiredForPat(given);
  const options = await askForMissing(given, required, agent);
  const faults = new ValidationErrors();
  const organization = readOrganization(options.organization, faults);
  const application = readApplication(options, organization, faults);
  const request = readPatRequest(options, faults);
  const tools = readTools(options, request, faults);
  const [program = '', ...words] = command;
  if (program === '')
    faults.option(
      '<command...>',
      'is required. Example: job-pat exec -o contoso --purpose gitClone -- git fetch',
    );
  for (const option of agent.interactive ? [] : secretsFromPerson(options))
    faults.option(option, 'standard input belongs to the command: set the variable that --help names');
  faults.throwIfAny();
  if (organization === undefined) throw new Error('the organization is missing without a fault');
  const found = findProgram(program, process.env);
  if (typeof found === 'string') {
    agent.error(`"${typedText(program)}" is ${found}, so no PAT was issued.`);
    return found === 'not found' ? NOT_FOUND : NOT_EXECUTABLE;
  }
  effects.reach.addOrganization(organization);
  tellWarnings(request, agent);

  const signIn = await signInUser(organization, application, options, effects);
  const terminalPat = new TerminalPat(organization, request, signIn, effects);
  let ready: ReadyTools | undefined;
  let ended: Ended | undefined;
  let revoked: Promise<boolean> | undefined;
  try {
    const pat = await terminalPat.issue();
    ready = await readyTools(tools, pat, agent);
    const environment = { ...process.env, JOB_PAT: pat.value, ...ready.variables };
    ended = await runProgramOf(found.path, words, environment, signals, cleanup.clock, async () => {
      agent.info('The command was told to end and goes on; its PAT is revoked now.');
      revoked ??= terminalPat.revoke();
      await revoked;
    });
    if (ended.fault !== undefined) agent.error(`"${typedText(program)}" did not start: ${ended.fault}`);
  } finally {
    await ready?.remove();
    await (revoked ??= terminalPat.revoke());
  }
  return ended.code === 0 && !(await revoked) ? EXIT.failed : ended.code;
}

function readTools(
  { configure }: ExecOptions,
  { purposes }: PatRequest,
  faults: ValidationErrors,
): AskedTools {
  if (configure === undefined)
    return { names: [...new Set(purposes.flatMap(({ tools = [] }) => tools))], byName: false };
  if (configure.trim().toLowerCase() === 'none') return { names: [], byName: false };
  const { tools, faults: wrong } = parseTools(configure);
  for (const fault of wrong) faults.option('--configure', fault);
  if (tools.length === 0 && wrong.length === 0)
    faults.option('--configure', 'names no tool. Example: --configure git, or --configure none');
  return { names: tools, byName: true };
}
