import { inProject } from '../devops/project-access.js';
import { readJson } from '../devops/json-body.js';
import { serviceError } from '../devops/refusals.js';
import type { Service } from '../devops/service.js';
import { refuseReleasedVersion, versioned } from '../devops/versions.js';
import { parameterOf, type Call } from '../http/call.js';
import type { Route } from '../http/router.js';

/** The one pipeline of every project. */
const samplePipeline = { id: 7, name: 'Restart mirror', folder: '\\' } as const;

/** `/{organization}/{project}/_apis/pipelines`: the list needs `vso.build`, a run `vso.build_execute`. */
export function pipelineRoutes(service: Service): Route[] {
  const path = '/{organization}/{project}/_apis/pipelines';
  return [
    {
      operation: 'pipelines.list',
      method: 'GET',
      path,
      handle: inProject(
        service,
        'vso.build',
        call =>
          refuseReleasedVersion(call) ??
          versioned(call, { count: 1, value: [{ ...samplePipeline, revision: 1 }] }),
      ),
    },
    {
      operation: 'pipelines.run',
      method: 'POST',
      path: `${path}/{id}/runs`,
      handle: inProject(service, 'vso.build_execute', (call, { organization, project }) => {
        const read = readJson(call);
        const refused = refuseReleasedVersion(call) ?? ('refusal' in read ? read.refusal : undefined);
        if (refused) return refused;
        if (parameterOf(call, 'id') !== String(samplePipeline.id)) return pipelineNotFound(call);
        const { id } = service.runs.addBuild({
          organization: organization.name,
          projectId: project.id,
          status: 'notStarted',
        });
        return versioned(call, { id, name: String(id), state: 'inProgress', pipeline: samplePipeline });
      }),
    },
  ];
}

function pipelineNotFound(call: Call) {
  return serviceError({
    status: 404,
    typeKey: 'PipelineNotFoundException',
    message: `Pipeline with id ${parameterOf(call, 'id')} was not found.`,
  });
}
