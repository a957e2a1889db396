import { randomUUID } from 'node:crypto';
import { asFailure } from '#advice/failure';
import { retryFor } from '#agent/effects';
import { AzureDevOpsClient, type ApiRequest } from '#azure-devops/client';
import { authenticatedUser, CONNECTION_DATA, organizationId } from '#azure-devops/connection-data';
import { readEnd, type End } from '#azure-devops/ended';
import { basic, bearer } from '#azure-devops/identity';
import type { Organization } from '#azure-devops/organization';
import type { CreatedPat, CreateOutcome, PatApi } from '#azure-devops/pats';
import type { ApiResponse } from '#azure-devops/responses';
import { LONGEST_NAME } from '#pat/pat-name';
import { UserPats } from '#pat/user-pats';
import { asGuid, asObject, asText, objectsOf, parseJson } from '#text/json';
import { MINUTE } from '#text/lifetime';
import { greet } from '../tenant.js';
import { holds, open, otherwise, type Finding } from './answers.js';
import { assumptions, notAsked, type AssumptionId } from './assumptions.js';
import { BorrowedPats } from './borrowed-pats.js';
import type { Questionnaire } from './questionnaire.js';

/** The smallest scope that there is: reading one's own profile. */
const SMALLEST = 'vso.profile';
const PACKAGING = 'vso.packaging';
const NO_SCOPE = 'vso.job_pat_no_such_scope';
const LIFETIME = 10 * MINUTE;
const SHORTEST = 5 * MINUTE;
const TOLERANCE = MINUTE;
/** For one request with what has to be repeated; milliseconds. */
const BUDGET = 30_000;
const UNTIL_DEAD = 60_000;

const PATS = { host: 'tokens', path: '_apis/tokens/pats', version: '7.1-preview.1' } as const;
const ACTIVE = { displayFilterOption: 'active', sortByOption: 'displayDate', isSortAscending: 'false' };

/** What stays alive of the PATs that were made, a sentence for each, and how many were made. */
export interface Asked {
  readonly made: number;
  readonly left: readonly string[];
}

/**
 * Asks the organization what can be asked of it without harm. Whatever happens, the PATs that it makes are ended.
 *
 * @param signIn gives an Entra token of a user
 * @throws Failure `cancelled`, after that
 */
export async function askOrganization(
  organization: Organization,
  signIn: () => Promise<string>,
  sheet: Questionnaire,
  ended: (asked: Asked) => void,
): Promise<void> {
  const { effects } = sheet;
  await sheet.ask('organization-greeting', async () => {
    const { tenantId } = await greet(organization, effects.http, retryFor(effects, BUDGET));
    return tenantId === undefined
      ? otherwise(`${sheet.said()}, without a tenant`)
      : holds(`${sheet.said()}, with its tenant`);
  });
  const token = await signIn().catch((error: unknown) => asFailure(error));
  if (typeof token !== 'string') {
    if (token.topic === 'cancelled') throw token;
    leaveRest(sheet, `nobody is signed in: ${token.topic}`);
    return;
  }
  const pats = new UserPats(bearer('issuing-user', token), effects);
  const borrowed = new BorrowedPats(pats, organization, effects);
  const user = new AzureDevOpsClient(bearer('issuing-user', token), organization, effects);
  try {
    await askOfPats({ organization, user, api: pats.in(organization), borrowed, sheet });
    leaveRest(sheet, 'no PAT could be made');
  } finally {
    ended({ made: borrowed.made, left: await borrowed.revoke() });
  }
}

interface Parts {
  readonly organization: Organization;
  /** As the user who signed in. */
  readonly user: AzureDevOpsClient;
  readonly api: PatApi;
  readonly borrowed: BorrowedPats;
  readonly sheet: Questionnaire;
}

async function askOfPats(parts: Parts): Promise<void> {
  const { api, borrowed, sheet } = parts;
  const { effects } = sheet;
  const policy = () => retryFor(effects, BUDGET);
  const name = () => `Job PAT doctor ${effects.nonce()}`;

  await sheet.ask('global-pat', async () => {
    const listed = await api.listActive(() => true, policy());
    return listed.some(({ allOrganizations }) => allOrganizations === true)
      ? holds('a PAT of this user is so')
      : open('this user has no such PAT');
  });
  await sheet.ask('refusal-status', async () => {
    const first = refusalIn(await borrowed.create(name(), NO_SCOPE, LIFETIME), sheet);
    const second = refusalIn(await borrowed.create(name(), SMALLEST, -60 * MINUTE), sheet);
    const verdicts = [first.verdict, second.verdict];
    const verdict = verdicts.find(each => each === 'otherwise') ?? verdicts.find(each => each === 'open');
    return {
      verdict: verdict ?? 'holds',
      because: `a scope that there is not: ${first.because}; an end that has passed: ${second.because}`,
    };
  });
  const pat = await longNamed(parts, name);
  if (pat === undefined) return;
  const short = await secondPat(parts, name, pat.scope);
  await askAtTheEnds(parts, pat, short);
}

/** The PAT that is asked about, with a name as long as any may be. */
async function longNamed({ borrowed, sheet }: Parts, name: () => string): Promise<CreatedPat | undefined> {
  let pat: CreatedPat | undefined;
  let asked = 0;
  await sheet.ask('name-length', async () => {
    const long = `${name()} ${'every_mark.of:a/name-0123456789 '.repeat(4)}`.slice(0, LONGEST_NAME);
    asked = sheet.effects.clock.now().getTime() + LIFETIME;
    let made = await borrowed.create(long, SMALLEST, LIFETIME);
    if (made.kind === 'created') {
      pat = made.pat;
      return pat.displayName === long
        ? holds(`${sheet.said()}, as it is`)
        : otherwise('another name was given');
    }
    const first = sheet.said();
    for (const scope of [SMALLEST, PACKAGING]) {
      made = await borrowed.create(name(), scope, LIFETIME);
      if (made.kind === 'created') {
        pat = made.pat;
        return scope === SMALLEST ? otherwise(first) : open(`${first}: packages alone are allowed`);
      }
    }
    return open(`no PAT could be made: ${first}`);
  });
  if (pat === undefined) return undefined;
  const missing = asked - pat.validTo.getTime();
  const shortened = missing > TOLERANCE;
  await sheet.ask('end-as-asked', () => {
    if (shortened) return open('a policy made it shorter');
    return missing < -TOLERANCE ? otherwise('it ends later than asked') : holds('within a minute');
  });
  await sheet.ask('lifetime-clamped', () =>
    shortened ? holds('ten minutes were made fewer') : open('no policy is shorter than ten minutes'),
  );
  return pat;
}

async function secondPat(
  { borrowed, sheet }: Parts,
  name: () => string,
  scope: string,
): Promise<CreatedPat | undefined> {
  let pat: CreatedPat | undefined;
  await sheet.ask('shortest-lifetime', async () => {
    const asked = sheet.effects.clock.now().getTime();
    const made = await borrowed.create(name(), scope === PACKAGING ? PACKAGING : SMALLEST, SHORTEST);
    if (made.kind !== 'created') return otherwise(sheet.said());
    pat = made.pat;
    return pat.validTo.getTime() - asked >= SHORTEST - TOLERANCE
      ? holds(sheet.said())
      : otherwise('it was made shorter');
  });
  return pat;
}

/** What a PAT opens, what shows it, and how it ends. */
async function askAtTheEnds(parts: Parts, pat: CreatedPat, second: CreatedPat | undefined): Promise<void> {
  const { organization, user, borrowed, sheet } = parts;
  const { effects } = sheet;
  const policy = () => retryFor(effects, BUDGET);
  const asPat = new AzureDevOpsClient(basic('pat', pat.value), organization, effects);
  const taken = async (request: ApiRequest = CONNECTION_DATA) =>
    isSomebody(await asPat.send(request, policy()));

  let alive = false;
  let revoked = false;
  await sheet.ask('time-until-alive', async () => {
    const seconds = await sheet.secondsUntil(BUDGET, taken);
    alive = seconds !== undefined;
    return seconds === undefined
      ? otherwise(`after ${BUDGET / 1000} s: ${sheet.said()}`)
      : holds(after(seconds));
  });
  await sheet.ask('organization-id', () => sameOrganizationId(parts, asPat, pat));
  await sheet.ask('verify-host', async () =>
    (await taken({ ...CONNECTION_DATA, host: 'tokens' })) ? holds(sheet.said()) : otherwise(sheet.said()),
  );
  await sheet.ask('list-shows-at-once', async () => {
    const isIt = async () =>
      (await parts.api.listActive(each => each.authorizationId === pat.authorizationId, policy())).length > 0;
    const seconds = await sheet.secondsUntil(BUDGET, isIt);
    return seconds === undefined ? otherwise(`not after ${BUDGET / 1000} s`) : holds(after(seconds));
  });
  await sheet.ask('list-pages', () => pageByPage(parts, second !== undefined));
  await sheet.ask('value-shown-once', async () => {
    const reply = await user.send({ ...PATS, query: { authorizationId: pat.authorizationId } }, policy());
    if (reply.kind !== 'json') return open(sheet.said());
    const shown = asText(asObject(reply.value['patToken'])?.['token']) ?? '';
    return shown === '' ? holds(sheet.said()) : otherwise('asking for a PAT shows its value');
  });
  await sheet.ask('pat-cannot-manage-pats', async () => {
    const reply = await asPat.send({ ...PATS, query: { ...ACTIVE, $top: '1' } }, policy());
    if (reply.kind === 'refused' || reply.kind === 'denied') return holds(sheet.said());
    return reply.kind === 'json' ? otherwise('a PAT lists PATs') : open(sheet.said());
  });
  const revoke = async (authorizationId: string): Promise<End | undefined> => {
    const reply = await user.send({ ...PATS, method: 'DELETE', query: { authorizationId } }, policy());
    const end = readEnd(reply, organization.name);
    return 'done' in end ? end.done : undefined;
  };
  await sheet.ask('revoked-twice', async () => {
    const first = await revoke(pat.authorizationId);
    const said = sheet.said();
    if (first !== 'revoked' && first !== 'gone') return otherwise(`the first time: ${said}`);
    revoked = true;
    await borrowed.ended(pat.displayName);
    const again = await revoke(pat.authorizationId);
    const both = `${said}, then ${sheet.said()}`;
    return again === 'gone' || again === 'revoked' ? holds(both) : otherwise(both);
  });
  await sheet.ask('foreign-id', async () =>
    (await revoke(randomUUID())) === 'gone' ? holds(sheet.said()) : otherwise(sheet.said()),
  );
  await sheet.ask('time-until-dead', async () => {
    if (!alive || !revoked) return open(alive ? 'the PAT was not revoked' : 'the PAT was never taken');
    const seconds = await sheet.secondsUntil(UNTIL_DEAD, async () => !(await taken()));
    return seconds === undefined
      ? otherwise(`it works after ${UNTIL_DEAD / 1000} s`)
      : holds(`${after(seconds)}: ${sheet.said()}`);
  });
}

/** Every question that was not asked, with the reason. */
export function leaveRest(sheet: Questionnaire, why: string): void {
  const known = new Set(sheet.answers.map(({ id }) => id));
  for (const id of Object.keys(assumptions) as AssumptionId[])
    if (!known.has(id)) sheet.add({ id, ...open(notAsked[id] ?? why), exchanges: [] });
}

function refusalIn(outcome: CreateOutcome, sheet: Questionnaire): Finding {
  if (outcome.kind === 'created') return otherwise('a PAT was made');
  const token = asObject(parseJson(sheet.heard?.body ?? ''))?.['patToken'];
  if (outcome.kind !== 'refused') return open(sheet.said());
  return sheet.heard?.status === 200 && token === null ? holds(sheet.said()) : otherwise(sheet.said());
}

async function sameOrganizationId(
  { user, sheet }: Parts,
  asPat: AzureDevOpsClient,
  { authorizationId }: CreatedPat,
): Promise<Finding> {
  const policy = () => retryFor(sheet.effects, BUDGET);
  const data = await asPat.send(CONNECTION_DATA, policy());
  const reply = await user.send({ ...PATS, query: { authorizationId } }, policy());
  if (data.kind !== 'json' || reply.kind !== 'json') return open(sheet.said());
  const accounts = asObject(reply.value['patToken'])?.['targetAccounts'];
  const account: unknown = Array.isArray(accounts) ? accounts[0] : undefined;
  const id = organizationId(data.value);
  if (id === undefined) return otherwise('there is none');
  if (asGuid(account) === undefined) return open('the PAT names no organization');
  return asGuid(account) === id ? holds('as in the PAT') : otherwise('the PAT names another one');
}

async function pageByPage({ user, sheet }: Parts, areSeveral: boolean): Promise<Finding> {
  const page = async (query: Record<string, string>) => {
    const reply = await user.send(
      { ...PATS, query: { ...ACTIVE, ...query } },
      retryFor(sheet.effects, BUDGET),
    );
    const value = reply.kind === 'json' ? reply.value : {};
    const ids = objectsOf(value['patTokens']).map(each => asGuid(each['authorizationId']) ?? '');
    return { ids, next: asText(value['continuationToken']) ?? '' };
  };
  const first = await page({ $top: '1' });
  if (!areSeveral && first.next === '') return open('there is one PAT alone');
  if (first.ids.length !== 1 || first.next === '') return otherwise('a page of one does not lead on');
  const second = await page({ $top: '1', continuationToken: first.next });
  const isNext = second.ids.length === 1 && second.ids[0] !== first.ids[0];
  return isNext ? holds('the second page follows the first') : otherwise('the second page does not follow');
}

function isSomebody(reply: ApiResponse): boolean {
  return reply.kind === 'json' && authenticatedUser(reply.value) !== undefined;
}

function after(seconds: number): string {
  return seconds < 1 ? 'at once' : `after ${seconds} s`;
}
