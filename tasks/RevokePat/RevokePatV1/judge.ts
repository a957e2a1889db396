import pLimit from 'p-limit';
import type { Effects } from '../../common/effects.js';
import { spokenLifetime } from '../../common/lifetime.js';
import { organizationAt } from '../../common/organization.js';
import { MOST_IN_FLIGHT } from '../../common/paced-http.js';
import { listSettled, type PatBook } from '../../common/pat-book.js';
import type { Patience } from '../../common/patience.js';
import type { ListedPat } from '../../common/pats.js';
import { madeByJobPat, readJobPatName, type NamedRun } from '../../common/run-name.js';
import { RunReader, type JobState } from '../../common/runs.js';
import type { Selection } from './request.js';

/** What is to become of a PAT, and why. */
export interface Verdict {
  readonly book: PatBook;
  readonly pat: ListedPat;
  readonly run: NamedRun | undefined;
  readonly revoke: boolean;
  readonly why: string;
}

/** Finds the PATs that a selection is about and decides each one's fate. @throws Failure when a list cannot be read */
export async function judge(
  selection: Selection,
  books: readonly PatBook[],
  effects: Effects,
  patience: Patience,
): Promise<Verdict[]> {
  switch (selection.what) {
    case 'ids':
      return judgeIds(selection.ids, books, patience);
    case 'name':
      return found(
        books,
        patience,
        'name matches',
        pat =>
          selection.matches(pat.displayName) && (selection.includeForeign || madeByJobPat(pat.displayName)),
      );
    case 'run':
      return found(books, patience, 'of this run', pat =>
        isOfRun(readJobPatName(pat.displayName), selection.run),
      );
    case 'orphans':
      return judgeOrphans(selection.minimumAge, books, effects, patience);
  }
}

async function judgeIds(
  ids: readonly string[],
  books: readonly PatBook[],
  patience: Patience,
): Promise<Verdict[]> {
  const lists = books.map(async book => {
    const pats = await book.find(ids, patience);
    return pats.map(pat => ({
      book,
      pat,
      run: readJobPatName(pat.displayName),
      revoke: true,
      why: 'asked for',
    }));
  });
  return (await Promise.all(lists)).flat();
}

async function found(
  books: readonly PatBook[],
  patience: Patience,
  why: string,
  keep: (pat: ListedPat) => boolean,
): Promise<Verdict[]> {
  const lists = books.map(async book => {
    const pats = await listSettled(book, keep, patience);
    return pats.map(pat => ({ book, pat, run: readJobPatName(pat.displayName), revoke: true, why }));
  });
  return (await Promise.all(lists)).flat();
}

function isOfRun(named: NamedRun | undefined, run: Pick<NamedRun, 'host' | 'projectId' | 'runId'>): boolean {
  return named?.host === run.host && named.projectId === run.projectId && named.runId === run.runId;
}

/** PATs of jobs that have ended for longer than `minimumAge`; in doubt a PAT is left. */
async function judgeOrphans(
  minimumAge: number,
  books: readonly PatBook[],
  effects: Effects,
  patience: Patience,
): Promise<Verdict[]> {
  const { agent, clock } = effects;
  const candidates = await found(books, patience, '', pat => readJobPatName(pat.displayName) !== undefined);
  agent.info(`${candidates.length} PATs of jobs; asking about their runs.`);
  const runs = new RunReader(effects, agent.jobToken());
  const home = organizationAt(agent.variable('System.TeamFoundationCollectionUri') ?? '');
  const inTurn = pLimit(MOST_IN_FLIGHT);
  let asked = 0;
  return Promise.all(
    candidates.map(candidate =>
      inTurn(async () => {
        const state =
          candidate.run === undefined
            ? { kind: 'unreadable' as const, why: 'names no run' }
            : await runs.stateOf(candidate.run, candidate.book.organization, home);
        asked += 1;
        if (asked % 100 === 0) agent.progress(20 + (50 * asked) / candidates.length, 'Asking about runs');
        return { ...candidate, ...decide(state, candidate.pat, minimumAge, clock.now()) };
      }),
    ),
  );
}

function decide(
  state: JobState,
  pat: ListedPat,
  minimumAge: number,
  now: Date,
): { readonly revoke: boolean; readonly why: string } {
  switch (state.kind) {
    case 'running':
    case 'unreadable':
      return { revoke: false, why: state.why };
    case 'ended': {
      // Of a deleted run nobody knows when it ended, but not before its PAT was made.
      const since = state.at ?? pat.validFrom;
      const age = since === undefined ? 0 : now.getTime() - since.getTime();
      if (age > minimumAge) return { revoke: true, why: state.why };
      return { revoke: false, why: `${state.why} ${spokenLifetime(age)} ago, too young` };
    }
  }
}
