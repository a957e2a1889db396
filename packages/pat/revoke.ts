import { messageFor, asFailure, Failure } from '#advice/failure';
import { pipelineAdvice } from '#advice/pipeline';
import type { Advice } from '#advice/situation';
import { retryFor, type RedactingEffects } from '#agent/effects';
import { MOST_SIDE_BY_SIDE, settleSideBySide } from '#agent/side-by-side';
import { formatLifetime, formatMoment } from '#text/lifetime';
import type { Organization } from '#azure-devops/organization';
import { reportPatEvent } from './report-event.js';
import type { StepLedger, LedgerEntry } from './ledger.js';
import { withTimeout, millisecondsLeft, type RetryPolicy } from '#http/retry';
import type { PatApi } from '#azure-devops/pats';
import type { UserPats } from './user-pats.js';

/** A PAT that may still be alive, and why. */
export interface Remaining {
  readonly pat: LedgerEntry;
  readonly failure: Failure;
}

/** A create request that was cut may still arrive at the service: look again after this many milliseconds. */
const LOOK_AGAIN_AFTER = 2_000;
/** And, where nobody looks later, at these intervals until the request is as old as any that has been seen to arrive. */
const LOOK_ON_EVERY = 5_000;
const ARRIVES_WITHIN = 30_000;
/** A PAT that ended so long ago needs no request, whatever the clock of the agent says. */
const CLOCK_TOLERANCE = 10 * 60_000;

/**
 * How often a name is looked for: twice, where a later stage looks once more; or for as long as its request may still
 * arrive.
 */
export type Looks = 'twice' | 'until it cannot arrive';

/**
 * Revokes everything the record holds, side by side: by authorization id where there is one, else by name. One failure does not stop
 * the others, and does not use up their time. What is certainly not alive any more is taken off the record.
 *
 * @param budget milliseconds for all of it
 */
export async function revokeRecorded(
  record: StepLedger,
  pats: UserPats,
  effects: RedactingEffects,
  budget: number,
  looks: Looks = 'twice',
): Promise<Remaining[]> {
  const until = retryFor(effects, budget);
  await forgetExpired(record, effects);
  const parts = organizationsOf(record.pats).flatMap(organization => {
    const mine = record.pats.filter(pat => pat.organization.url === organization.url);
    const api = pats.in(organization);
    const known = mine.flatMap(pat =>
      pat.authorizationId === undefined
        ? []
        : [{ pats: [pat], work: revokeKnown(pat, pat.authorizationId, api, record), last: 0 }],
    );
    const intents = mine.filter(pat => pat.authorizationId === undefined);
    return [
      ...known,
      ...(intents.length === 0
        ? []
        : [{ pats: intents, work: revokeIntents(intents, organization, api, record, looks), last: 1 }]),
    ];
  });
  const remaining: Remaining[] = [];
  const inOrder = [...parts].sort((a, b) => a.last - b.last);
  const rounds = Math.ceil(inOrder.length / MOST_SIDE_BY_SIDE);
  for (let round = 0; round < rounds; round++) {
    const now = inOrder.slice(round * MOST_SIDE_BY_SIDE, (round + 1) * MOST_SIDE_BY_SIDE);
    const inTime = withTimeout(until, millisecondsLeft(until) / (rounds - round));
    const results = await settleSideBySide(now, effects, ({ work }, own) => work(inTime, own));
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') continue;
      const failure = asFailure(result.reason);
      const left = (now[index]?.pats ?? []).filter(pat =>
        record.pats.some(other => other.displayName === pat.displayName),
      );
      remaining.push(...left.map(pat => ({ pat, failure })));
    }
  }
  return remaining;
}

/** Takes off the record what has expired: it needs no request, and so no sign-in. */
export async function forgetExpired(record: StepLedger, { agent, clock }: RedactingEffects): Promise<void> {
  for (const pat of record.pats) {
    if (pat.validTo.getTime() + CLOCK_TOLERANCE >= clock.now().getTime()) continue;
    agent.info(
      `PAT "${pat.displayName}" in ${pat.organization.name} expired at ${formatMoment(pat.validTo)}: nothing to revoke.`,
    );
    reportPatEvent('expired', pat, agent);
    await record.forget(pat.displayName);
  }
}

/** One sentence for each PAT that stays: which, until when, why, and how to end it by hand. */
export function remainingText({ pat, failure }: Remaining, advice: Advice = pipelineAdvice): string {
  const place = pat.organization.name;
  const page = `${pat.organization.url}/_usersSettings/tokens`;
  const why = messageFor(failure, advice);
  const repair = advice({
    about: 'left-alive',
    code: pat.authorizationId === undefined ? 'by-name' : 'known',
    page,
  });
  return pat.authorizationId === undefined
    ? `A PAT named "${pat.displayName}" may be alive in ${place} until ${formatMoment(pat.validTo)}: ${why} ${repair}`
    : `PAT "${pat.displayName}" (authorization id ${pat.authorizationId}) stays alive in ${place} until ${formatMoment(pat.validTo)}: ` +
        `${why} ${repair}`;
}

type Work = (until: RetryPolicy, effects: RedactingEffects) => Promise<void>;

function revokeKnown(pat: LedgerEntry, authorizationId: string, api: PatApi, record: StepLedger): Work {
  return async (until, { agent }) => {
    const how = await api.revoke(authorizationId, until);
    agent.info(
      how === 'revoked'
        ? `Revoked PAT "${pat.displayName}" in ${pat.organization.name}.`
        : `PAT "${pat.displayName}" in ${pat.organization.name} was gone already.`,
    );
    reportPatEvent(how === 'revoked' ? 'revoked' : 'gone', pat, agent);
    await record.forget(pat.displayName);
  };
}

/** A name that is not found stays on the record: its request may still be on the way when a later stage looks. */
function revokeIntents(
  intents: readonly LedgerEntry[],
  organization: Organization,
  api: PatApi,
  record: StepLedger,
  looks: Looks,
): Work {
  const names = new Set(intents.map(pat => pat.displayName));
  const unfound = () => record.pats.filter(pat => names.has(pat.displayName));
  return async (until, { agent, clock }) => {
    const age = () => {
      const latest = Math.max(...unfound().map(pat => pat.asked.getTime()));
      return Math.max(0, clock.now().getTime() - latest);
    };
    for (let look = 1; ; look++) {
      for (const found of await api.listActive(pat => names.has(pat.displayName), until)) {
        await api.revoke(found.authorizationId, until);
        agent.info(`Found and revoked PAT "${found.displayName}", whose creation was cut short.`);
        reportPatEvent('revoked', { ...found, organization }, agent);
        await record.forget(found.displayName);
      }
      const settled = looks === 'twice' || age() >= ARRIVES_WITHIN;
      if (look >= 2 && settled) break;
      const wait = look === 1 ? LOOK_AGAIN_AFTER : Math.min(LOOK_ON_EVERY, ARRIVES_WITHIN - age());
      if (millisecondsLeft(until) <= wait) {
        if (looks === 'twice') break;
        throw notSettled(age());
      }
      await clock.wait(wait);
    }
    for (const { displayName, validTo } of unfound()) {
      agent.info(
        `There is no PAT named "${displayName}" in ${organization.name}, ${spokenSeconds(age())} after it was asked for. ` +
          `Should that request still arrive, it makes a PAT that ends at ${formatMoment(validTo)} and whose value nobody has.`,
      );
    }
  };
}

function notSettled(age: number): Failure {
  return new Failure(
    'out-of-time',
    `It was not found ${spokenSeconds(age)} after it was asked for, when the time for looking was used up; the request may still arrive.`,
    '',
  );
}

function spokenSeconds(milliseconds: number): string {
  return milliseconds < 120_000 ? `${Math.round(milliseconds / 1000)} s` : formatLifetime(milliseconds);
}

function organizationsOf(pats: readonly LedgerEntry[]): Organization[] {
  return [...new Map(pats.map(pat => [pat.organization.url, pat.organization])).values()];
}
