import pLimit from 'p-limit';
import { patienceFor, type Effects } from '../../common/agent/effects.js';
import { openSession } from '../../common/entra/sign-in.js';
import { MOST_IN_FLIGHT } from '../../common/http/paced-http.js';
import { atMost, type Patience } from '../../common/http/patience.js';
import { sameOrganization, type Organization } from '../../common/inputs/organization.js';
import { patApi, type ListedPat } from '../../common/pats/pats.js';
import {
  tokenAdministration,
  type GraphUser,
  type TokenAdministration,
} from '../../common/pats/token-administration.js';
import { asFailure, type Failure } from '../../common/text/failure.js';
import { withoutSecrets } from '../../common/text/known-secrets.js';
import { MINUTE } from '../../common/text/lifetime.js';
import type { InventoryUser, Missing } from './inventory.js';
import { READING_BUDGET, SIGN_IN_BUDGET, type AuditRequest } from './request.js';

/** A PAT as it was found. */
export interface FoundPat extends ListedPat {
  readonly organization: Organization;
  readonly user: InventoryUser | null;
  readonly state: 'active' | 'expired' | 'revoked';
}

export interface Census {
  readonly pats: readonly FoundPat[];
  readonly missing: readonly Missing[];
  /** Users whose PATs were read. */
  readonly users: number;
}

/**
 * Reads every PAT. What stays broken after its repetitions is told as missing; what was read before that is kept.
 * @throws Failure when nothing could be read at all
 */
export async function readPats(request: AuditRequest, effects: Effects): Promise<Census> {
  const patience = patienceFor(effects, READING_BUDGET);
  const failures: Failure[] = [];
  const parts =
    request.actor.as === 'issuer'
      ? await issuersPats(request, request.actor.issuer, effects, patience, failures)
      : await everyonesPats(request.organizations, request.actor.token, effects, patience, failures);
  const [first] = failures;
  const pats = parts.flatMap(part => part.pats);
  const users = parts.reduce((sum, part) => sum + part.users, 0);
  if (first !== undefined && pats.length === 0 && users === 0) throw first;
  return { pats: onePerPat(pats), users, missing: parts.flatMap(part => part.missing) };
}

async function issuersPats(
  { organizations }: AuditRequest,
  issuer: Parameters<typeof openSession>[0],
  effects: Effects,
  patience: Patience,
  failures: Failure[],
): Promise<Census[]> {
  const signIn = patienceFor(effects, SIGN_IN_BUDGET);
  const { token } = await openSession(issuer, effects.agent, effects.http, signIn);
  return Promise.all(
    organizations.map(async organization => {
      const api = patApi(effects.http, () => effects.clock.now(), organization, token);
      const listed = new Map<string, ListedPat>();
      const active = new Set<string>();
      const missing: Missing[] = [];
      const attempt = async (what: string, read: () => Promise<unknown>, count: () => number) => {
        try {
          await read();
          return true;
        } catch (error) {
          const failure = notCancelled(error);
          failures.push(failure);
          missing.push(missed(organization, null, what, count(), failure));
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
            patience,
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
          }, patience),
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
  organizations: readonly Organization[],
  adminToken: string,
  effects: Effects,
  patience: Patience,
  failures: Failure[],
): Promise<Census[]> {
  const parts: Census[] = [];
  for (const organization of organizations) {
    const { http, clock } = effects;
    const administration = tokenAdministration(http, () => clock.now(), organization, adminToken);
    parts.push(await patsOfOrganization(administration, organization, effects, patience, failures));
  }
  return parts;
}

async function patsOfOrganization(
  administration: TokenAdministration,
  organization: Organization,
  effects: Effects,
  patience: Patience,
  failures: Failure[],
): Promise<Census> {
  const { agent } = effects;
  const users = new Map<string, GraphUser>();
  const missing: Missing[] = [];
  try {
    await administration.readUsers(user => users.set(user.descriptor, user), patience);
  } catch (error) {
    const failure = notCancelled(error);
    failures.push(failure);
    missing.push(missed(organization, null, 'users', users.size, failure));
  }
  agent.info(`${organization.name}: ${users.size} users; reading their PATs.`);

  const memberships = new Memberships(administration, effects, patience);
  const inTurn = pLimit(MOST_IN_FLIGHT);
  let finished = 0;
  let read = 0;
  const found = await Promise.all(
    [...users.values()].map(user =>
      inTurn(async () => {
        const pats: { pat: ListedPat; valid: boolean | undefined }[] = [];
        try {
          await administration.readEvery(
            user.descriptor,
            ({ valid, ...pat }) => pats.push({ pat, valid }),
            patience,
          );
          read += 1;
        } catch (error) {
          const failure = notCancelled(error);
          failures.push(failure);
          missing.push(missed(organization, user.signInName, 'PATs', pats.length, failure));
        }
        finished += 1;
        if (finished % 25 === 0)
          agent.progress((80 * finished) / users.size, `${finished} of ${users.size} users`);
        if (pats.length === 0) return [];
        const owner = {
          id: short(user.descriptor),
          displayName: short(user.name),
          principalName: short(user.signInName),
          state: await memberships.of(user),
        };
        const now = effects.clock.now();
        return pats.map(({ pat, valid }): FoundPat => ({
          ...cut(pat),
          organization,
          user: owner,
          state: stateOf(pat, valid === false, now),
        }));
      }),
    ),
  );
  return { pats: found.flat(), missing, users: read };
}

/** For one question with its repetitions; milliseconds. */
const MEMBERSHIP_BUDGET = 10_000;

/** Whether users are active. Where the service does not answer that, it is not asked again for each user. */
class Memberships {
  #answers = true;
  #told = false;

  constructor(
    private readonly administration: TokenAdministration,
    private readonly effects: Effects,
    private readonly patience: Patience,
  ) {}

  async of({ descriptor, deleted }: GraphUser): Promise<InventoryUser['state']> {
    if (deleted) return 'inactive';
    if (!this.#answers) return 'unknown';
    try {
      const active = await this.administration.isActiveMember(
        descriptor,
        atMost(this.patience, MEMBERSHIP_BUDGET),
      );
      return active === undefined ? 'unknown' : active ? 'active' : 'inactive';
    } catch (error) {
      const { what } = notCancelled(error);
      // Eight questions may fail together; one line tells of it.
      const told = this.#told;
      this.#told = true;
      if (!told) this.effects.agent.info(`Whether users are active is not known from here on: ${what}`);
      this.#answers = false;
      return 'unknown';
    }
  }
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

function missed(
  { name }: Organization,
  user: string | null,
  what: string,
  count: number,
  failure: Failure,
): Missing {
  const before = count === 0 ? `no ${what} could be read` : `only ${count} ${what} could be read`;
  return {
    organization: name,
    user: user === null ? null : short(user),
    reason: `${before}: ${failure.what}`,
  };
}

/** A step that was told to stop stops. */
function notCancelled(error: unknown): Failure {
  const failure = asFailure(error);
  if (failure.topic === 'cancelled') throw failure;
  return failure;
}

const LONGEST_TEXT = 500;

/** A service may send anything: ten thousand names of ten thousand characters fill the memory of an agent. */
function short(text: string): string {
  const clean = withoutSecrets(text);
  return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT)}…` : clean;
}

function cut<T extends ListedPat>(pat: T): T {
  return { ...pat, displayName: short(pat.displayName), scope: withoutSecrets(pat.scope).slice(0, 10_000) };
}
