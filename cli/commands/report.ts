import { constants, existsSync } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { asFailure, explained, Failure } from '#advice/failure';
import type { Organization } from '#azure-devops/organization';
import { sanitize } from '#text/sanitize';
import type { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import { atTerminal } from '../advice.js';
import { countOf } from '#text/count';
import type { TerminalEffects } from '../effects.js';
import type { Application, SignInOptions } from '../options.js';
import { unsaid } from '../unsaid.js';
import { Questionnaire } from '../report/questionnaire.js';
import { askOrganization, leaveRest, type Asked } from '../report/questions.js';
import { reportText } from '../report/report-file.js';
import { EXIT } from '../run-command.js';
import { hanging } from '../screen-text.js';
import { accessTokenFor } from '../sign-in/sign-in.js';
import type { Answer } from '../report/answers.js';
import type { Terminal } from '../terminal.js';

export interface ReportOptions extends SignInOptions {
  /** The file to write. */
  readonly report: string;
  /** Nobody is asked. */
  readonly yes?: boolean;
}

/** What will be done, before anybody agrees to it. */
function plan({ name }: Organization, file: string): string {
  return `This asks ${name} what Job PAT assumes of it:

  1. asks, without a credential, which tenant the organization belongs to
  2. signs you in
  3. reads the list of your PATs
  4. asks for two PATs that have to be refused: one with a scope that there is
     not, one that ended an hour ago
  5. makes two PATs with the smallest scope (vso.profile), of ten and of five
     minutes; Azure DevOps may send you a mail for each
  6. asks with the first one who it belongs to, and for PATs, which has to be
     refused
  7. revokes both, one of them twice, and an id that nobody has
  8. asks with the revoked one until it is refused, for a minute at most
  9. writes ${file}: which requests were answered how, and no value, name or id

Whatever happens, the two PATs are revoked; they end by themselves, too.`;
}

/** The file may not be there yet: what is lost otherwise is somebody's. */
export async function checkReportFile(file: string, faults: ValidationErrors): Promise<void> {
  const fault = (text: string) => {
    faults.option('--report', `"${sanitize(file)}" ${text}. Example: --report job-pat-report.yml`);
  };
  if (file.trim() === '') fault('is no file');
  else if (existsSync(file)) fault('is there already; name another file, or remove it');
  else
    await access(dirname(resolve(file)), constants.W_OK).catch(() => {
      fault('cannot be written: its folder is not there, or may not be written to');
    });
}

/**
 * Asks the organization what was assumed of it, and writes a file about the answers.
 *
 * @returns 1 where something is not as assumed, a PAT stays, or nobody could sign in
 * @throws Failure
 */
export async function report(
  organization: Organization,
  application: Application,
  options: ReportOptions,
  effects: TerminalEffects,
): Promise<number> {
  const { agent, clock } = effects;
  const { report: file } = options;
  agent.say(plan(organization, sanitize(file)));
  if (options.yes !== true && !/^y(es)?$/i.test(await agent.ask('\nGo on? [y/N]'))) {
    agent.say('Nothing was asked.');
    return EXIT.failed;
  }
  agent.say('');
  let unasked = 0;
  const sheet = new Questionnaire(organization, { ...effects, agent: unsaid(agent) }, answer => {
    if (answer.verdict === 'open' && answer.exchanges.length === 0) unasked += 1;
    else agent.print(lineOf(answer, agent));
  });
  let asked: Asked = { made: 0, left: [] };
  let stopped: Failure | undefined;
  const failures: Failure[] = [];
  const signIn = async () => {
    try {
      return await accessTokenFor(organization, application, options, effects);
    } catch (error) {
      const failure = asFailure(error);
      failures.push(failure);
      if (failure.topic !== 'cancelled')
        agent.error(`${atTerminal(failure).message} ${explained(failure.topic)}`);
      throw failure;
    }
  };
  try {
    await askOrganization(organization, signIn, sheet, end => {
      asked = end;
    });
  } catch (error) {
    stopped = asFailure(error);
    leaveRest(sheet, stopped.topic === 'cancelled' ? 'it was stopped before' : stopped.topic);
  }
  if (unasked > 0)
    agent.say(agent.colors.err.dim(`${unasked} more could not be asked from here; the file says why.`));
  for (const left of asked.left) agent.error(left);
  const pats = { made: asked.made, left: asked.left.length };
  await written(file, reportText(sheet.answers, pats, clock.now()), agent);
  agent.say(
    `\nWritten: ${sanitize(file)}. ${countOf(pats.made, 'PAT')} made, ${pats.made - pats.left} revoked. Read it, then attach it to a report.`,
  );
  if (stopped !== undefined) throw stopped;
  const differs = sheet.answers.some(({ verdict }) => verdict === 'otherwise');
  return differs || pats.left > 0 || failures.length > 0 ? EXIT.failed : EXIT.done;
}

/** What was asked is not lost where it cannot be written: it is printed then. @throws Failure */
async function written(file: string, text: string, terminal: Terminal): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    terminal.print(text);
    const reason = error instanceof Error ? sanitize(error.message) : 'it cannot be written';
    throw new Failure(
      'report-not-written',
      `The report could not be written, and was printed: ${reason}.`,
      'Copy it from above, or name another file.',
      { cause: error },
    );
  }
}

function lineOf({ id, verdict, because }: Answer, { colors, width }: Terminal): string {
  const { green, red, dim } = colors.out;
  const paint = { holds: green, otherwise: red, open: dim }[verdict];
  return hanging(`${paint(verdict.padEnd(9))}  ${id.padEnd(25)}  `, sanitize(because), width);
}
