import { patienceFor, type DiscreetEffects, type DiscreetPort } from '../agent/effects.js';
import { asFailure, type Failure } from '../text/failure.js';
import { spokenMoment } from '../text/lifetime.js';
import type { Organization } from '../inputs/organization.js';
import { tellLife } from './pat-life.js';
import type { PatRecord, RecordedPat } from './pat-record.js';
import type { Patience } from '../http/patience.js';
import { patApi, type PatApi } from './pats.js';

/** A PAT that may still be alive, and why. */
export interface Remaining {
  readonly pat: RecordedPat;
  readonly failure: Failure;
}

/** A create request that was cut may still arrive at the service: look again after this many milliseconds. */
const LOOK_AGAIN_AFTER = 2_000;
/** A PAT that ended so long ago needs no request, whatever the clock of the agent says. */
const CLOCK_TOLERANCE = 10 * 60_000;

/**
 * Revokes everything the record holds: by authorization id where there is one, else by name, looked for twice.
 * One failure does not stop the others. What is certainly not alive any more is taken off the record.
 *
 * @param budget milliseconds for all of it
 */
export async function revokeRecorded(
  record: PatRecord,
  accessToken: string,
  effects: DiscreetEffects,
  budget: number,
): Promise<Remaining[]> {
  const until = patienceFor(effects, budget);
  const remaining: Remaining[] = [];
  await forgetExpired(record, effects);
  for (const organization of organizationsOf(record.pats)) {
    const mine = record.pats.filter(pat => pat.organization.url === organization.url);
    const api = patApi(effects.http, () => effects.clock.now(), organization, accessToken);
    for (const pat of mine.filter(pat => pat.authorizationId !== undefined)) {
      const failure = await failureOf(() => revokeKnown(pat, api, record, effects.agent, until));
      if (failure !== undefined) remaining.push({ pat, failure });
    }
    const intents = mine.filter(pat => pat.authorizationId === undefined);
    if (intents.length > 0) {
      const failure = await failureOf(() => revokeIntents(intents, api, record, effects, until));
      if (failure !== undefined) {
        const left = intents.filter(pat => record.pats.some(other => other.displayName === pat.displayName));
        remaining.push(...left.map(pat => ({ pat, failure })));
      }
    }
  }
  return remaining;
}

/** Takes off the record what has expired: it needs no request, and so no sign-in. */
export async function forgetExpired(record: PatRecord, { agent, clock }: DiscreetEffects): Promise<void> {
  for (const pat of record.pats) {
    if (pat.validTo.getTime() + CLOCK_TOLERANCE >= clock.now().getTime()) continue;
    agent.info(
      `PAT "${pat.displayName}" in ${pat.organization.name} expired at ${spokenMoment(pat.validTo)}: nothing to revoke.`,
    );
    tellLife('expired', pat, agent);
    await record.forget(pat.displayName);
  }
}

/** One sentence for each PAT that stays: which, until when, why, and how to end it by hand. */
export function remainingText({ pat, failure }: Remaining): string {
  const place = pat.organization.name;
  const page = `${pat.organization.url}/_usersSettings/tokens`;
  return pat.authorizationId === undefined
    ? `A PAT named "${pat.displayName}" may be alive in ${place} until ${spokenMoment(pat.validTo)}: ${failure.message} ` +
        `Look for this name as the issuing user at ${page} and revoke it there.`
    : `PAT "${pat.displayName}" (authorization id ${pat.authorizationId}) stays alive in ${place} until ${spokenMoment(pat.validTo)}: ` +
        `${failure.message} Revoke it as the issuing user at ${page}, or with RevokePat@1.`;
}

async function revokeKnown(
  pat: RecordedPat,
  api: PatApi,
  record: PatRecord,
  agent: DiscreetPort,
  until: Patience,
): Promise<void> {
  if (pat.authorizationId === undefined) return;
  const how = await api.revoke(pat.authorizationId, until);
  agent.info(
    how === 'revoked'
      ? `Revoked PAT "${pat.displayName}" in ${pat.organization.name}.`
      : `PAT "${pat.displayName}" in ${pat.organization.name} was gone already.`,
  );
  tellLife(how === 'revoked' ? 'revoked' : 'gone', pat, agent);
  await record.forget(pat.displayName);
}

/** A name that is not found stays on the record: its request may still be on the way when a later stage looks. */
async function revokeIntents(
  intents: readonly RecordedPat[],
  api: PatApi,
  record: PatRecord,
  effects: DiscreetEffects,
  until: Patience,
): Promise<void> {
  const { agent, clock } = effects;
  const names = new Set(intents.map(pat => pat.displayName));
  for (const look of ['first', 'second']) {
    if (look === 'second') await clock.wait(LOOK_AGAIN_AFTER);
    for (const found of await api.listActive(pat => names.has(pat.displayName), until)) {
      await api.revoke(found.authorizationId, until);
      agent.info(`Found and revoked PAT "${found.displayName}", whose creation was cut short.`);
      const intent = intents.find(pat => pat.displayName === found.displayName);
      if (intent !== undefined) tellLife('revoked', { ...intent, ...found }, agent);
      await record.forget(found.displayName);
    }
  }
  for (const name of names) {
    const left = record.pats.some(pat => pat.displayName === name);
    if (left) agent.info(`There is no PAT named "${name}": its creation was cut short before it was made.`);
  }
}

async function failureOf(work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return asFailure(error);
  }
}

function organizationsOf(pats: readonly RecordedPat[]): Organization[] {
  return [...new Map(pats.map(pat => [pat.organization.url, pat.organization])).values()];
}
