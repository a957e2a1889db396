import { AUDIT } from '#agent/budgets';
import type { Effects } from '#agent/effects';
import { openSession } from '../../common/sign-in.js';
import { inTurn } from '#http/pace';
import type { RetryPolicy } from '#http/retry';
import { sameOrganization, type Organization } from '#azure-devops/organization';
import { administrator } from '#azure-devops/administrator';
import { AzureDevOpsClient } from '#azure-devops/client';
import { graph, type Graph, type GraphUser } from '#azure-devops/graph';
import { bearer } from '#azure-devops/identity';
import type { ListedPat } from '#azure-devops/listed-pat';
import {
  tokenAdministration,
  type AdministeredPat,
  type TokenAdministration,
} from '#azure-devops/token-administration';
import { UserPats } from '#pat/user-pats';
import type { Failure } from '#advice/failure';
import { MINUTE } from '#text/lifetime';
import type { InventoryUser } from './inventory.js';
import { Memberships } from './memberships.js';
import { missed, notCancelled, patienceOf, readBefore, shortText, tellable, type Missed } from './missing.js';
import type { AuditRequest } from './request.js';

/** A PAT as it was found. */
export interface FoundPat extends ListedPat {
  readonly organization: Organization;
  readonly user: InventoryUser | null;
  readonly state: 'active' | 'expired' | 'revoked';
}

export interface CollectedPats {
  readonly pats: readonly FoundPat[];
  readonly missing: readonly Missed[];
  /** Users whose PATs were read. */
  readonly users: number;
}

/**
 * Reads every PAT. What stays broken after its repetitions is told as missing; what was read before that is kept.
 * @throws Failure when nothing could be read at all
 */
export async function collectPats(request: AuditRequest, effects: Effects): Promise<CollectedPats> {
  const policy = patienceOf(request, effects, AUDIT.reading);
  const failures: Failure[] = [];
  const parts =
    request.actor.as === 'issuer'
      ? await issuersPats(request, request.actor.issuer, effects, policy, failures)
      : await everyonesPats(request, request.actor.token, effects, policy, failures);
  const [first] = failures;
  const pats = parts.flatMap(part => part.pats);
  const users = parts.reduce((sum, part) => sum + part.users, 0);
  if (first !== undefined && pats.length === 0 && users === 0) throw tellable(request, first);
  return {
    pats: onePerPat(pats),
    users,
    missing: [...parts.flatMap(part => part.missing), ...notJudgeable(pats)],
  };
}

/** No rule can say anything of a PAT whose end or scopes the service does not tell. */
function notJudgeable(pats: readonly FoundPat[]): Missed[] {
  return pats
    .filter(({ state, validTo, scope }) => state === 'active' && (validTo === undefined || scope === ''))
    .map(({ organization, authorizationId, validTo }) => {
      const what = validTo === undefined ? 'end' : 'scopes';
      return missed(
        { organization: organization.name },
        `the ${what} of PAT ${authorizationId} could not be read`,
      );
    });
}

async function issuersPats(
  request: AuditRequest,
  issuer: Parameters<typeof openSession>[0],
  effects: Effects,
  policy: RetryPolicy,
  failures: Failure[],
): Promise<CollectedPats[]> {
  const signIn = patienceOf(request, effects, AUDIT.signIn);
  const { token } = await openSession(issuer, effects.agent, effects.http, signIn).catch((error: unknown) => {
    throw tellable(request, notCancelled(error));
  });
  const user = new UserPats(bearer('issuing-user', token), effects);
  return Promise.all(
    request.organizations.map(async organization => {
      const api = user.in(organization);
      const listed = new Map<string, ListedPat>();
      const active = new Set<string>();
      const missing: Missed[] = [];
      const attempt = async (what: string, read: () => Promise<unknown>, count: () => number) => {
        try {
          await read();
          return true;
        } catch (error) {
          const failure = notCancelled(error);
          failures.push(failure);
          missing.push(missed({ organization: organization.name }, readBefore(count(), what), failure));
          return false;
        }
      };
      const whole = await attempt(
        'PATs of all states',
        () =>
          api.readList(
            pat => {
              listed.set(pat.authorizationId, pat);
              if (listed.size % 500 === 0) effects.agent.progress(25, `${listed.size} PATs`);
              return false;
            },
            policy,
            'all',
          ),
        () => listed.size,
      );
      // No answer says whether a PAT was revoked: one that may still be used is on the list of active ones. This second
      // list also finds what moved between two pages of the first.
      const knowsActive = await attempt(
        'active PATs',
        () =>
          api.readList(pat => {
            active.add(pat.authorizationId);
            listed.set(pat.authorizationId, pat);
            return false;
          }, policy),
        () => active.size,
      );
      const now = effects.clock.now();
      const pats = [...listed.values()].map((pat): FoundPat => {
        const revoked = knowsActive && !active.has(pat.authorizationId);
        return { ...cut(pat), organization, user: null, state: stateOf(pat, revoked, now) };
      });
      return { pats, missing, users: whole || knowsActive || pats.length > 0 ? 1 : 0 };
    }),
  );
}

async function everyonesPats(
  { organizations, book }: AuditRequest,
  adminToken: string,
  effects: Effects,
  policy: RetryPolicy,
  failures: Failure[],
): Promise<CollectedPats[]> {
  const asksUsers = book.rules.some(({ id }) => id === 'inactive-user');
  const parts: CollectedPats[] = [];
  for (const organization of organizations) {
    const client = new AzureDevOpsClient(administrator(adminToken), organization, effects);
    const opened = { administration: tokenAdministration(client), graph: graph(client), organization };
    const memberships = asksUsers ? new Memberships(opened.graph, policy) : undefined;
    parts.push(await patsOfOrganization({ ...opened, memberships }, effects, policy, failures));
  }
  return parts;
}

interface Administered {
  readonly administration: TokenAdministration;
  readonly graph: Graph;
  readonly organization: Organization;
  /** Undefined when no rule looks at it. */
  readonly memberships: Memberships | undefined;
}

async function patsOfOrganization(
  { administration, graph, organization, memberships }: Administered,
  effects: Effects,
  policy: RetryPolicy,
  failures: Failure[],
): Promise<CollectedPats> {
  const { agent } = effects;
  const missing: Missed[] = [];
  const miss = (what: string, failure?: Failure, user?: GraphUser): void => {
    if (failure !== undefined) failures.push(failure);
    missing.push(missed({ organization: organization.name, user }, what, failure));
  };
  const users = await usersOf(graph, policy, miss);
  agent.info(`${organization.name}: ${users.length} users; reading their PATs.`);

  let finished = 0;
  let read = 0;
  const found = await inTurn(users, async user => {
    const pats: AdministeredPat[] = [];
    try {
      const unreadable = await administration.readEvery(user.descriptor, pat => pats.push(pat), policy);
      read += 1;
      if (unreadable > 0)
        miss(`${entries(unreadable)} of the list of PATs without an authorization id`, undefined, user);
    } catch (error) {
      miss(readBefore(pats.length, 'PATs'), notCancelled(error), user);
    }
    finished += 1;
    if (finished % 25 === 0)
      agent.progress((80 * finished) / users.length, `${finished} of ${users.length} users`);
    if (pats.length === 0) return [];
    const membership = (await memberships?.of(user)) ?? { state: user.deleted ? 'inactive' : 'unknown' };
    if (membership.failure !== undefined)
      missing.push(
        missed(
          { organization: organization.name, user },
          'whether the user is an active member could not be read',
          membership.failure,
        ),
      );
    const owner: InventoryUser = {
      id: shortText(user.descriptor),
      displayName: shortText(user.name),
      principalName: shortText(user.signInName),
      state: membership.state,
    };
    const now = effects.clock.now();
    return pats.map(({ valid, ...pat }): FoundPat => ({
      ...cut(pat),
      organization,
      user: owner,
      state: stateOf(pat, valid === false, now),
    }));
  });
  return { pats: found.flat(), missing, users: read };
}

/** The users of an organization: it has one at least, the administrator who asks. */
async function usersOf(
  graph: Graph,
  policy: RetryPolicy,
  miss: (what: string, failure?: Failure) => void,
): Promise<GraphUser[]> {
  const users = new Map<string, GraphUser>();
  try {
    const unreadable = await graph.readUsers(user => users.set(user.descriptor, user), policy);
    if (unreadable > 0) miss(`${entries(unreadable)} of the list of users without a descriptor`);
    else if (users.size === 0) miss('the list of users is empty');
  } catch (error) {
    miss(readBefore(users.size, 'users'), notCancelled(error));
  }
  return [...users.values()];
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

/** The agent's clock may be off. */
const CLOCK_TOLERANCE = MINUTE;

function stateOf({ validTo }: ListedPat, revoked: boolean, now: Date): FoundPat['state'] {
  if (validTo !== undefined && validTo.getTime() + (revoked ? 0 : CLOCK_TOLERANCE) <= now.getTime())
    return 'expired';
  return revoked ? 'revoked' : 'active';
}

/** Two names of one organization give the same PATs. */
function onePerPat(pats: readonly FoundPat[]): FoundPat[] {
  const found: FoundPat[] = [];
  const known = new Map<string, FoundPat>();
  for (const pat of pats) {
    const other = known.get(pat.authorizationId);
    if (other !== undefined && sameOrganization(other.organization, pat.organization)) continue;
    known.set(pat.authorizationId, pat);
    found.push(pat);
  }
  return found;
}

function cut<T extends ListedPat>(pat: T): T {
  return { ...pat, displayName: shortText(pat.displayName), scope: shortText(pat.scope, 10_000) };
}
