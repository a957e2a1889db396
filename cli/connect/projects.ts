import { Failure } from '#advice/failure';
import type { AzureDevOpsClient } from '#azure-devops/client';
import { projects, type Project } from '#azure-devops/projects';
import type { RetryPolicy } from '#http/retry';
import { sanitize } from '#text/sanitize';

/** A project by its name or id. @throws Failure `project-not-found` when there is none */
export async function findProject(
  nameOrId: string,
  client: AzureDevOpsClient,
  policy: RetryPolicy,
): Promise<Project> {
  const found = await projects(client).find(nameOrId, policy);
  if (found !== undefined) return found;
  throw new Failure(
    'project-not-found',
    `${client.organization.name} has no project "${sanitize(nameOrId, 80)}" that the user who signed in may see.`,
    'Check --project, and let an administrator of the project add this user to it.',
  );
}
