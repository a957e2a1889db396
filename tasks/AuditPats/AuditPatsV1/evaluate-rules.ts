import { scopeCatalogue, FULL_ACCESS } from '#pat/scope-catalogue';
import { readJobPatName } from '#pat/run-name';
import { LEFT_BEHIND_AFTER, lineageOf, noLongerNeeded, rotatedNameOf } from '#pat/generations';
import { MINUTE, formatLifetime, formatMoment } from '#text/lifetime';
import type { FoundPat } from './found-pat.js';
import type { RuleBook } from './rule-book.js';
import type { RuleId } from './rules.js';
import type { RunStates } from './run-states.js';

/** What a rule says about one PAT: a message, or nothing. */
type Test = (pat: FoundPat, threshold: number) => string | undefined;

/** What rules look at beside the PAT itself. */
export interface EvaluationContext {
  readonly now: Date;
  readonly runs: RunStates;
  /** The authorization ids that stores record; undefined when nobody says. */
  readonly recordedIds: ReadonlySet<string> | undefined;
}

/** A rule that fires on a PAT. */
export interface RuleMatch {
  readonly rule: RuleId;
  readonly message: string;
}

/** The rules that fire, PAT by PAT. */
export type RuleMatches = ReadonlyMap<FoundPat, readonly RuleMatch[]>;

/** A lifetime is asked for in whole minutes, and the service rounds. */
const ROUNDING = 5 * MINUTE;

const highPrivilege = new Set(
  scopeCatalogue()
    .filter(({ highPrivilege }) => highPrivilege)
    .map(({ uri }) => uri),
);

/** Judges every PAT by every rule that is on. The rules of docs/audit.md, one each. */
export function evaluateRules(
  pats: readonly FoundPat[],
  { rules }: Pick<RuleBook, 'rules'>,
  around: EvaluationContext,
): RuleMatches {
  const tests = testsFor(pats, around);
  return new Map(
    pats.map(pat => [
      pat,
      rules.flatMap(({ id, threshold }) => {
        const message = tests[id](pat, threshold);
        return message === undefined ? [] : [{ rule: id, message }];
      }),
    ]),
  );
}

function testsFor(pats: readonly FoundPat[], around: EvaluationContext): Readonly<Record<RuleId, Test>> {
  const { now, runs } = around;
  const alive = pats.filter(isActive);
  const namesakes = grouped(alive, pat => [...placeOf(pat), pat.displayName]);
  const generations = grouped(
    alive.filter(({ displayName }) => lineageOf(displayName) !== undefined),
    pat => [...placeOf(pat), lineageOf(pat.displayName) ?? ''],
  );
  const age = ({ validFrom }: FoundPat) =>
    validFrom === undefined ? undefined : now.getTime() - validFrom.getTime();

  /** What the name of a PAT claims, where that is not so. */
  const claimed = (pat: FoundPat, kind: 'run unknown' | 'project unknown') => {
    const claim = runs.get(pat)?.claim;
    return claim?.kind === kind ? `Its name claims a job, but ${claim.why}.` : undefined;
  };
  /** A name alone lets no PAT be as old as it likes. */
  const isOfJob = (pat: FoundPat) =>
    readJobPatName(pat.displayName) !== undefined &&
    claimed(pat, 'run unknown') === undefined &&
    claimed(pat, 'project unknown') === undefined;

  /** Only what may still be used does harm. */
  const ofActive =
    (test: Test): Test =>
    (pat, threshold) =>
      isActive(pat) ? test(pat, threshold) : undefined;

  return {
    'full-access': ofActive(pat =>
      scopesOf(pat).includes(FULL_ACCESS) ? 'It may do everything that its user may do.' : undefined,
    ),

    'global-pat': ofActive(pat =>
      pat.allOrganizations === true ? 'It works in every organization of its user.' : undefined,
    ),

    'lifetime-too-long': ofActive(({ validFrom, validTo }, longest) => {
      if (validFrom === undefined || validTo === undefined) return undefined;
      const lifetime = validTo.getTime() - validFrom.getTime();
      return lifetime > longest + ROUNDING
        ? `It lives ${formatLifetime(lifetime)}; ${formatLifetime(longest)} are the most.`
        : undefined;
    }),

    'expires-soon': ofActive((pat, soon) => {
      const { validTo, displayName } = pat;
      if (validTo === undefined || isOfJob(pat)) return undefined;
      // An older generation ends because a newer one has taken its place.
      if (lineageOf(displayName) !== undefined && newestOf(generations(pat)) !== pat) return undefined;
      const left = validTo.getTime() - now.getTime();
      return left <= soon ? `It ends ${formatMoment(validTo)}, in ${formatLifetime(left)}.` : undefined;
    }),

    'expired-but-listed': ({ state, validTo }, least) =>
      state === 'expired' && validTo !== undefined && now.getTime() - validTo.getTime() >= least
        ? `It ended ${formatMoment(validTo)}.`
        : undefined,

    'high-privilege-scope': ofActive(pat => {
      const high = scopesOf(pat).filter(scope => scope !== FULL_ACCESS && highPrivilege.has(scope));
      return high.length === 0 ? undefined : `Microsoft calls ${high.join(', ')} high-privilege.`;
    }),

    'job-pat-run-ended': ofActive((pat, least) => {
      const state = runs.get(pat);
      const run = readJobPatName(pat.displayName);
      if (state?.kind !== 'ended' || run === undefined) return undefined;
      // Of a deleted run nobody knows when it ended, but not before its PAT was made.
      const ended = state.at ?? pat.validFrom;
      if (ended === undefined || now.getTime() - ended.getTime() < least) return undefined;
      return `Of ${run.host} ${run.runId}: ${state.why}, and it is still alive.`;
    }),

    'job-pat-run-unknown': ofActive(pat => claimed(pat, 'run unknown')),

    'job-pat-project-unknown': ofActive(pat => claimed(pat, 'project unknown')),

    'rotated-generation-unrecorded': ofActive((pat, overlap) =>
      lineageOf(pat.displayName) !== undefined
        ? unrecorded(pat, generations(pat), overlap, around)
        : undefined,
    ),

    'never-rotated': ofActive((pat, longest) => {
      const old = age(pat);
      return old !== undefined &&
        old >= longest &&
        !isOfJob(pat) &&
        rotatedNameOf(pat.displayName) === undefined
        ? `It was made ${formatLifetime(old)} ago and nothing rotates it.`
        : undefined;
    }),

    'duplicate-names': ofActive((pat, most) => {
      // Having no name is nothing that they share.
      if (pat.displayName === '') return undefined;
      const same = namesakes(pat).length;
      return same > most ? `${same} active PATs of this user have this name.` : undefined;
    }),

    'inactive-user': ofActive(({ user }) =>
      user?.state === 'inactive' ? 'Its user is no longer an active member of the organization.' : undefined,
    ),
  };
}

/**
 * A rotation needs the generation that the store records and, until `overlap` after that was made, the one before it.
 * With the recorded ids it is known which one that is. Without them only this is known: of several generations, all
 * older than the overlap, no store needs more than one.
 */
function unrecorded(
  pat: FoundPat,
  generations: readonly FoundPat[],
  overlap: number,
  { now, recordedIds }: EvaluationContext,
): string | undefined {
  const old = ({ validFrom }: FoundPat, age: number) =>
    validFrom !== undefined && now.getTime() - validFrom.getTime() > age;
  if (recordedIds === undefined) {
    const newest = newestOf(generations);
    return newest === undefined || newest === pat || !old(newest, overlap)
      ? undefined
      : `${generations.length} generations are alive, and the newest is older than ${formatLifetime(overlap)}: stores need one of them.`;
  }
  if (recordedIds.has(pat.authorizationId) || !old(pat, LEFT_BEHIND_AFTER)) return undefined;
  const recorded = newestOf(generations.filter(({ authorizationId }) => recordedIds.has(authorizationId)));
  if (recorded?.validFrom !== undefined) {
    const { authorizationId, validFrom } = recorded;
    const others = generations.filter(one => one === recorded || !recordedIds.has(one.authorizationId));
    const known = { authorizationId, validFrom, previous: undefined };
    if (!noLongerNeeded(others, known, overlap, now).includes(pat)) return undefined;
  }
  return 'Its id is not among recordedIds.';
}

function newestOf(pats: readonly FoundPat[]): FoundPat | undefined {
  const made = ({ validFrom }: FoundPat) => validFrom?.getTime() ?? 0;
  return pats.reduce<FoundPat | undefined>(
    (newest, pat) => (newest === undefined || made(pat) > made(newest) ? pat : newest),
    undefined,
  );
}

export function scopesOf({ scope }: Pick<FoundPat, 'scope'>): string[] {
  return [...new Set(scope.split(/[\s,]+/).filter(word => word !== ''))];
}

function isActive({ state }: FoundPat): boolean {
  return state === 'active';
}

/** Names mean something within one organization and for one user. */
function placeOf({ organization, user }: FoundPat): string[] {
  return [organization.url.toLowerCase(), user?.id ?? ''];
}

function grouped(
  pats: readonly FoundPat[],
  keyOf: (pat: FoundPat) => readonly string[],
): (pat: FoundPat) => readonly FoundPat[] {
  const key = (pat: FoundPat) => JSON.stringify(keyOf(pat));
  const groups = new Map<string, FoundPat[]>();
  for (const pat of pats) {
    const group = groups.get(key(pat));
    if (group === undefined) groups.set(key(pat), [pat]);
    else group.push(pat);
  }
  return pat => groups.get(key(pat)) ?? [];
}
