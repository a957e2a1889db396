import type { TeamProject } from 'azure-devops-node-api/interfaces/CoreInterfaces.js';
import { send, azureDevOpsHeaders, REQUEST_TIMEOUT, unwrap, type Refused } from '#azure-devops/client';
import type { Clock } from '#http/clock';
import type { Http } from '#http/http';
import { retry, timeLeft, type RetryPolicy } from '#http/retry';
import type { Organization } from '#azure-devops/organization';
import { basicCredential } from '#text/secret-encodings';
import { Failure } from '#advice/failure';
import { asGuid, asText, objectsOf, type JsonObject, type Unparsed } from '#text/json';
import { sanitize } from '#text/sanitize';
import type { Project } from './connection-fields.js';

/** A project by its name or id (`GET _apis/projects/{project}`, else in the list; scope vso.project). @throws Failure */
export async function findProject(
  nameOrId: string,
  organization: Organization,
  pat: string,
  { http, clock }: { readonly http: Http; readonly clock: Clock },
  policy: RetryPolicy,
): Promise<Project> {
  const get = (path: string, mayBeUnknown: (reply: Refused) => boolean) =>
    retry<JsonObject | undefined>(policy, async () => {
      const reply = await send(
        http,
        () => clock.now(),
        {
          method: 'GET',
          url: `${organization.url}/_apis/projects${path}api-version=7.1`,
          headers: azureDevOpsHeaders(`Basic ${basicCredential(pat)}`),
          timeout: timeLeft(policy, REQUEST_TIMEOUT),
        },
        'pat',
      );
      if (reply.kind === 'refused' && mayBeUnknown(reply)) return { done: undefined };
      const attempt = unwrap(reply, organization.name);
      if ('later' in attempt) return attempt;
      return { done: attempt.done.kind === 'json' ? attempt.done.value : undefined };
    });
  // A name that is no part of a path is answered with 400; the list tells more.
  const named = projectIn(await get(`/${encodeURIComponent(nameOrId)}?`, ({ status }) => status !== 401));
  if (named !== undefined) return named;
  const all = objectsOf((await get(`?$top=${MOST_LISTED}&`, () => false))?.['value']).flatMap(
    raw => projectIn(raw) ?? [],
  );
  const wanted = nameOrId.toLowerCase();
  const listed = all.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
  if (listed === undefined) throw notFound(nameOrId, organization);
  return listed;
}

const MOST_LISTED = 1_000;

function projectIn(raw: Unparsed<TeamProject> | undefined): Project | undefined {
  const id = asGuid(raw?.id);
  const name = asText(raw?.name);
  return id === undefined || name === undefined ? undefined : { id, name };
}

function notFound(project: string, { name }: Organization): Failure {
  return new Failure(
    'project-not-found',
    `${name} has no project "${sanitize(project, 80)}" that the user who signed in may see.`,
    'Check --project, and let an administrator of the project add this user to it.',
  );
}
