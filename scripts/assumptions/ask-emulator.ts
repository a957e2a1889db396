import { startEmulator, type Emulator } from '#emulator/index';
import type { Clock } from '#http/clock';
import { httpClient } from '#http/http-client';
import type { RedactingEffects } from '#agent/effects';
import { asObject, objectsOf } from '#text/json';
import { organizationAt } from '#azure-devops/organization';
import { Questionnaire } from '../../cli/report/questionnaire.js';
import { askOrganization, leaveRest } from '../../cli/report/questions.js';
import { reportText } from '../../cli/report/report-file.js';
import { readReport, type ReportedQuestion } from './read-report.js';

/** Milliseconds for which a new or a revoked PAT is as before, where it was so in a report. */
const DELAY = 1_500;
const FIVE_MINUTES_IN_DAYS = 5 / (24 * 60);

/** Asks an emulator in this process all that a report asks. @param prepare what is otherwise in it */
export async function askEmulator(prepare: (emulator: Emulator) => void): Promise<string> {
  const clock = new QuickClock();
  const emulator = await startEmulator({ clock: () => clock.now() });
  try {
    prepare(emulator);
    const organization = organizationAt(emulator.organizationUrl('contoso'));
    if (organization === undefined) throw new Error('The emulator has no organization.');
    const sheet = new Questionnaire(organization, quietEffects(clock), () => undefined);
    let pats = { made: 0, left: 0 };
    const signIn = () => Promise.resolve(emulator.entra.issueAccessToken().value);
    await askOrganization(organization, signIn, sheet, ({ made, left }) => {
      pats = { made, left: left.length };
    });
    leaveRest(sheet, 'it was not asked');
    return reportText(sheet.answers, pats, new Date());
  } finally {
    await emulator.close();
  }
}

/** Gives an organization of the emulator the policies, and the slowness, that a report shows. */
export function likeReported(reported: readonly ReportedQuestion[]): (emulator: Emulator) => void {
  const of = (id: ReportedQuestion['id']) => reported.find(question => question.id === id);
  const reason = (id: ReportedQuestion['id']) => of(id)?.because ?? '';
  const list = asObject(of('global-pat')?.requests[0]?.body)?.['patTokens'];
  const listed = objectsOf(list);
  return ({ policies, pats }) => {
    const creation = reason('name-length');
    policies.set({
      ...(of('lifetime-clamped')?.verdict === 'holds' && { maximumLifespanDays: FIVE_MINUTES_IN_DAYS }),
      ...(creation.includes('disablePatCreationPolicyViolation') && {
        creation: creation.includes('packages alone') ? 'packagingOnly' : 'blocked',
      }),
      ...(reason('time-until-alive').startsWith('after') && { activationDelay: DELAY }),
      ...(reason('time-until-dead').startsWith('after') && { revocationDelay: DELAY }),
    });
    for (const allOrganizations of [true, false])
      if (listed.some(pat => (pat['targetAccounts'] === 'null') === allOrganizations))
        pats.seed([{ organization: 'contoso', allOrganizations }]);
  };
}

/** The report of an emulator, as one reads it. */
export async function emulatorReport(prepare: (emulator: Emulator) => void): Promise<ReportedQuestion[]> {
  return readReport(await askEmulator(prepare));
}

/** Waiting takes no time with it, and it has passed all the same. */
class QuickClock implements Clock {
  #waited = 0;

  now(): Date {
    return new Date(Date.now() + this.#waited);
  }

  wait(milliseconds: number): Promise<void> {
    this.#waited += milliseconds;
    return Promise.resolve();
  }
}

function quietEffects(clock: Clock): RedactingEffects {
  const quiet = () => undefined;
  const agent = { info: quiet, debug: quiet, warning: quiet, error: quiet, mask: quiet };
  const network = { userAgent: 'JobPat (assumptions)', proxy: undefined, certificates: undefined };
  const effects: RedactingEffects = {
    agent,
    clock,
    http: httpClient(network, quiet, new AbortController().signal),
    nonce: () =>
      Math.floor(Math.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    get cleanup() {
      return effects;
    },
  };
  return effects;
}
