import type {
  GraphMembershipState,
  GraphUser as WireUser,
} from 'azure-devops-node-api/interfaces/GraphInterfaces.js';
import { Failure } from '#advice/failure';
import type { RetryPolicy } from '#http/retry';
import { asObject, asText, objectsOf, type Unparsed } from '#text/json';
import { sanitize } from '#text/sanitize';
import { answerToAdministrator, listIn, pagesAbout, userUnknown } from './administrator.js';
import type { AzureDevOpsClient } from './client.js';
import { isNotThere } from './refusals.js';
import { unwrap } from './responses.js';

/** The users of one organization, as an administrator (specs/graph 7.1, which is a preview). */
export interface Graph {
  /**
   * The subject descriptor of a user given by descriptor, sign-in name or mail address.
   * @throws Failure when the organization has no such user, or several
   */
  descriptorOf(user: string, policy: RetryPolicy): Promise<string>;
  /**
   * The users of the organization who can have PATs.
   * @returns how many entries of the list name no user
   * @throws Failure after what was visited
   */
  readUsers(visit: (user: GraphUser) => void, policy: RetryPolicy): Promise<number>;
  /** Whether the user is an active member; undefined when the service does not say. @throws Failure */
  isActiveMember(descriptor: string, policy: RetryPolicy): Promise<boolean | undefined>;
}

/** A user of an organization, as Graph tells (specs/graph, GraphUser). */
export interface GraphUser {
  readonly descriptor: string;
  readonly name: string;
  readonly signInName: string;
  /** The directory has deleted the user, the organization has not yet. */
  readonly deleted: boolean;
}

const API_VERSION = '7.1-preview.1';
const USERS = { host: 'tokens', path: '_apis/graph/users', version: API_VERSION } as const;

export function graph(client: AzureDevOpsClient): Graph {
  const { organization } = client;
  return {
    async descriptorOf(user, policy) {
      if (DESCRIPTOR.test(user)) return user;
      const wanted = user.toLowerCase();
      const byMail = new Set<string>();
      let bySignIn: string | undefined;
      await pagesAbout(user, client, USERS, policy, page => {
        const users = usersOf(listIn(page, organization, 'users'));
        bySignIn = users.find(({ signInName }) => signInName === wanted)?.descriptor;
        for (const { mail, descriptor } of users) if (mail === wanted) byMail.add(descriptor);
        return bySignIn !== undefined;
      });
      const [found, ...more] = bySignIn === undefined ? byMail : [bySignIn];
      if (found !== undefined && more.length === 0) return found;
      if (found === undefined) throw userUnknown(user, organization);
      throw new Failure(
        'user-not-found',
        `${organization.name} has ${1 + more.length} users with the mail address "${sanitize(user, 100)}".`,
        'Give the sign-in name or the subject descriptor of the one whose PATs these are.',
      );
    },

    async readUsers(visit, policy) {
      const request = { ...USERS, query: { subjectTypes: 'aad,msa' } };
      let unreadable = 0;
      await pagesAbout('users', client, request, policy, page => {
        for (const entry of listIn(page, organization, 'users')) {
          const user = graphUser(asObject(entry));
          if (user === undefined) unreadable += 1;
          else if (!NOBODY.test(user.descriptor)) visit(user);
        }
        return false;
      });
      return unreadable;
    },

    isActiveMember(descriptor, policy) {
      const path = `_apis/graph/membershipstates/${encodeURIComponent(descriptor)}`;
      return client.repeat<boolean | undefined>(
        { host: 'tokens', path, version: API_VERSION },
        policy,
        answer => {
          const reply = answerToAdministrator(answer, organization);
          if (reply.kind === 'refused' && isNotThere(reply)) return { done: undefined };
          const attempt = unwrap(reply, organization.name);
          if ('later' in attempt) return attempt;
          const state: Unparsed<GraphMembershipState> =
            attempt.done.kind === 'json' ? attempt.done.value : {};
          const { active } = state;
          return { done: typeof active === 'boolean' ? active : undefined };
        },
      );
    },
  };
}

/** Kinds of users in front of a subject descriptor; a sign-in name can have a dot, too. */
const DESCRIPTOR = /^(?:aad|msa|bnd|imp|svc|unk|win)\.[A-Za-z0-9_-]+$/;

function usersOf(list: readonly unknown[]): { descriptor: string; signInName: string; mail: string }[] {
  return objectsOf(list).flatMap((user: Unparsed<WireUser>) => {
    const descriptor = asText(user.descriptor);
    const name = (field: keyof WireUser) => asText(user[field])?.toLowerCase() ?? '';
    return descriptor === undefined
      ? []
      : [{ descriptor, signInName: name('principalName'), mail: name('mailAddress') }];
  });
}

/** Services and build identities have no PATs. */
const NOBODY = /^(?:svc|s2s|imp|acs)\./;

function graphUser(user: Unparsed<WireUser> | undefined): GraphUser | undefined {
  const descriptor = asText(user?.descriptor) ?? '';
  if (user === undefined || descriptor === '') return undefined;
  return {
    descriptor,
    name: asText(user.displayName) ?? '',
    signInName: asText(user.principalName) ?? asText(user.mailAddress) ?? '',
    deleted: user.isDeletedInOrigin === true,
  };
}
