import { ask, azureDevOpsHeaders, REQUEST_TIMEOUT, settled } from '../../tasks/common/http/azure-devops.js';
import type { Clock } from '../../tasks/common/agent/clock.js';
import type { Http } from '../../tasks/common/http/http.js';
import { patiently, remaining, type Patience } from '../../tasks/common/http/patience.js';
import type { Organization } from '../../tasks/common/inputs/organization.js';
import { basicCredential } from '../../tasks/common/text/secret-forms.js';
import { Failure } from '../../tasks/common/text/failure.js';
import { asGuid, asText } from '../../tasks/common/text/json.js';
import { outsideText } from '../../tasks/common/text/outside-text.js';
import type { Project } from './connection-fields.js';

/** A project by its name or id (`GET _apis/projects/{project}`, scope vso.project). @throws Failure `project-not-found` */
export async function findProject(
  nameOrId: string,
  organization: Organization,
  pat: string,
  { http, clock }: { readonly http: Http; readonly clock: Clock },
  patience: Patience,
): Promise<Project> {
  return patiently<Project>(patience, async () => {
    const reply = await ask(http, () => clock.now(), {
      method: 'GET',
      url: `${organization.url}/_apis/projects/${encodeURIComponent(nameOrId)}?api-version=7.1`,
      headers: azureDevOpsHeaders(`Basic ${basicCredential(pat)}`),
      timeout: remaining(patience, REQUEST_TIMEOUT),
    });
    if (reply.kind === 'refused') throw notFound(nameOrId, organization);
    const attempt = settled(reply, organization.name);
    if ('later' in attempt) return attempt;
    const value = attempt.done.kind === 'json' ? attempt.done.value : {};
    const id = asGuid(value['id']);
    if (id === undefined) throw notFound(nameOrId, organization);
    return { done: { id, name: asText(value['name']) ?? nameOrId } };
  });
}

function notFound(project: string, { name }: Organization): Failure {
  return new Failure(
    'project-not-found',
    `${name} has no project "${outsideText(project, 80)}" that the issuing user may see.`,
    'Check --project, and add the issuing user to the project.',
  );
}
