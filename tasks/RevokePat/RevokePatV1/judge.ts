import pLimit from 'p-limit';
import type { Effects } from '../../common/agent/effects.js';
import { asFailure, type Failure } from '../../common/text/failure.js';
import { spokenLifetime } from '../../common/text/lifetime.js';
import { organizationOfRun } from '../../common/runs/run-organization.js';
import { MOST_IN_FLIGHT } from '../../common/http/paced-http.js';
import { listSettled, type PatBook } from '../../common/pats/pat-book.js';
import type { Patience } from '../../common/http/patience.js';
import type { ListedPat } from '../../common/pats/pats.js';
import { madeByJobPat, readJobPatName, type NamedRun } from '../../common/runs/run-name.js';
import { RunReader, type JobState } from '../../common/runs/runs.js';
import type { Selection } from './request.js';

/** What is to become of a PAT, and why. */
export interface Verdict {
  readonly book: PatBook;
  readonly pat: ListedPat;
  readonly run: NamedRun | undefined;
  readonly revoke: boolean;
  readonly why: string;
  /** It is kept because nobody can tell whether its job still lives. */
  readonly unclear?: boolean;
}

export interface Judgement {
  readonly verdicts: readonly Verdict[];
  /** Organizations whose PATs nobody could read: nothing happens there. */
  readonly unread: readonly { readonly book: PatBook; readonly failure: Failure }[];
}

/** Finds the PATs that a selection is about and decides each one's fate. @throws Failure when no list can be read */
export async function judge(
  selection: Selection,
  books: readonly PatBook[],
  effects: Effects,
  patience: Patience,
): Promise<Judgement> {
  effects.agent.progress(1, 'Reading lists of PATs');
  const read = await Promise.allSettled(books.map(book => judgeBook(selection, book, patience)));
  const verdicts = read.flatMap(result => (result.status === 'fulfilled' ? result.value : []));
  const unread = books.flatMap((book, index) => {
    const result = read[index];
    return result?.status === 'rejected' ? { book, failure: asFailure(result.reason) } : [];
  });
  const [first] = unread;
  if (first !== undefined && unread.length === books.length) throw first.failure;
  if (selection.what !== 'orphans') return { verdicts, unread };
  return { verdicts: await onlyOrphans(verdicts, selection.minimumAge, effects, patience), unread };
}

async function judgeBook(selection: Selection, book: PatBook, patience: Patience): Promise<Verdict[]> {
  const entry = (pat: ListedPat) => ({ book, pat, run: readJobPatName(pat.displayName) });
  const listed = async (keep: (pat: ListedPat) => boolean) =>
    (await listSettled(book, keep, patience)).map(entry);
  switch (selection.what) {
    case 'ids': {
      const { pats, others } = await book.find(selection.ids, patience);
      return [
        ...pats.map(pat => ({ ...entry(pat), revoke: true, why: 'asked for' })),
        ...others.map(pat => ({ ...entry(pat), revoke: false, why: 'no active PAT of this user' })),
      ];
    }
    case 'name':
      return (await listed(pat => selection.matches(pat.displayName))).map(found =>
        selection.includeForeign || madeByJobPat(found.pat.displayName)
          ? { ...found, revoke: true, why: 'name matches' }
          : { ...found, revoke: false, why: 'not made by Job PAT' },
      );
    case 'run': {
      const ofRun = await listed(pat => isOfRun(readJobPatName(pat.displayName), selection.run));
      return ofRun.map(found => ({ ...found, revoke: true, why: 'of this run' }));
    }
    case 'orphans': {
      const ofJobs = await listed(pat => readJobPatName(pat.displayName) !== undefined);
      return ofJobs.map(found => ({ ...found, revoke: false, why: '' }));
    }
  }
}

function isOfRun(named: NamedRun | undefined, run: Pick<NamedRun, 'host' | 'projectId' | 'runId'>): boolean {
  return named?.host === run.host && named.projectId === run.projectId && named.runId === run.runId;
}

/** Of the PATs of jobs, those whose job ended longer than `minimumAge` ago; in doubt a PAT is left. */
async function onlyOrphans(
  candidates: readonly Verdict[],
  minimumAge: number,
  effects: Effects,
  patience: Patience,
): Promise<Verdict[]> {
  const { agent } = effects;
  agent.info(`${candidates.length} PATs of jobs; asking about their runs.`);
  const runs = new RunReader(effects, agent.jobToken(), patience);
  const home = organizationOfRun(agent);
  const inTurn = pLimit(MOST_IN_FLIGHT);
  let asked = 0;
  return Promise.all(
    candidates.map(candidate =>
      inTurn(async () => {
        const { run, book, pat } = candidate;
        if (run === undefined) return candidate;
        const state = await runs.stateOf(run, book.organization, home);
        asked += 1;
        if (asked % 100 === 0) agent.progress(20 + (50 * asked) / candidates.length, 'Asking about runs');
        return { ...candidate, ...decide(state, pat, minimumAge, runs.now()) };
      }),
    ),
  );
}

function decide(
  state: JobState,
  pat: ListedPat,
  minimumAge: number,
  now: Date,
): Pick<Verdict, 'revoke' | 'why' | 'unclear'> {
  if (state.kind === 'unreadable') return { revoke: false, why: state.why, unclear: true };
  if (state.kind === 'running') return { revoke: false, why: state.why };
  // Of a deleted run nobody knows when it ended, but not before its PAT was made.
  const ended = state.at ?? pat.validFrom;
  if (ended === undefined) return { revoke: false, why: `${state.why}, nobody knows when` };
  const age = now.getTime() - ended.getTime();
  if (age >= minimumAge) return { revoke: true, why: state.why };
  const since = state.at === undefined ? `PAT made ${spokenLifetime(age)} ago` : `${spokenLifetime(age)} ago`;
  return { revoke: false, why: `${state.why}, ${since}: too young` };
}
