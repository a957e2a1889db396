import { parameterOf, queryOf, type Call } from '../http/call.js';
import { jsonReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import type { StartedJob } from '../runs/job-tokens.js';
import { entraKey, pipelinesKey } from '../signing-key.js';
import { callerOf } from './caller.js';
import { isGuid } from './guid.js';
import { badRequest, notAuthorized, refuseCredential, serviceError } from './refusals.js';
import type { Service } from './service.js';
import { refuseReleasedVersion } from './versions.js';

/**
 * `System.OidcRequestUri`: a token for a service connection of a job (`distributedTask/7.2`, oidctoken), and where its
 * keys are published.
 */
export function oidcTokenRoutes(service: Service): Route[] {
  const keys = (key: { readonly jwk: unknown }): Reply => jsonReply(200, { keys: [key.jwk] });
  return [
    {
      operation: 'oidctoken',
      method: 'POST',
      path: '/{organization}/{project}/_apis/distributedtask/hubs/{hub}/plans/{plan}/jobs/{job}/oidctoken',
      handle: call => giveToken(call, service),
    },
    {
      operation: 'jwks',
      method: 'GET',
      path: '/.well-known/jwks',
      handle: () => keys(pipelinesKey),
    },
    {
      operation: 'jwks',
      method: 'GET',
      path: '/{tenant}/discovery/v2.0/keys',
      handle: () => keys(entraKey),
    },
    {
      operation: 'jwks',
      method: 'GET',
      path: '/{id}/.well-known/openid-configuration',
      handle: call =>
        jsonReply(200, {
          issuer: `https://vstoken.dev.azure.com/${parameterOf(call, 'id')}`,
          jwks_uri: `${service.origin()}/.well-known/jwks`,
          subject_types_supported: ['public', 'pairwise'],
          response_types_supported: ['id_token'],
          claims_supported: ['sub', 'aud', 'exp', 'iat', 'iss', 'nbf'],
          id_token_signing_alg_values_supported: ['RS256'],
          scopes_supported: ['openid'],
        }),
    },
  ];
}

/** Only a job gets one, with its own token, at its own place, for a connection that one of its steps names. */
function giveToken(call: Call, service: Service): Reply {
  const organization = service.organizations.get(parameterOf(call, 'organization'));
  const caller = callerOf(call, organization, service);
  if (caller.kind === 'user' || caller.kind === 'pat') return notAuthorized(caller.user.id);
  if (caller.kind !== 'job') return refuseCredential(call, service);
  if (caller.token.organization.id !== organization.id) return notAuthorized(caller.user.id);
  const refused = refuseReleasedVersion(call);
  if (refused) return refused;

  const job = caller.token.jobs.find(candidate => isAt(call, candidate));
  if (job === undefined) return unknownJob(call);
  const { project, pipeline } = job;
  const id = (queryOf(call, 'serviceConnectionId') ?? '').toLowerCase();
  const place = { organization: organization.name, project: project.name };
  if (id === '') return given(service, { ...place, pipeline });
  if (!isGuid(id)) return badRequest('The service connection id is not valid.');
  const connection = job.connections.find(candidate => candidate.id.toLowerCase() === id);
  if (connection === undefined) return notOfTheJob(id, job, service);
  return given(service, { ...place, connection });
}

function given({ oidc }: Service, seed: Parameters<Service['oidc']['issue']>[0]): Reply {
  return jsonReply(200, { oidcToken: oidc.issue(seed).value });
}

function isAt(call: Call, { project, hub, planId, jobId }: StartedJob): boolean {
  const is = (name: string, ...known: readonly string[]): boolean =>
    known.some(value => value.toLowerCase() === parameterOf(call, name).toLowerCase());
  return is('project', project.id, project.name) && is('hub', hub) && is('plan', planId) && is('job', jobId);
}

function unknownJob(call: Call): Reply {
  return serviceError({
    status: 404,
    typeKey: 'TaskOrchestrationPlanNotFoundException',
    message: `No plan found for identifier ${parameterOf(call, 'plan')}.`,
  });
}

/** As it was seen (dotnet/docker-tools#2012), without its status: the text is the value, and its length the count. */
function notOfTheJob(id: string, { stage, name }: StartedJob, { manners }: Service): Reply {
  const value = `There is no explicit reference to service connection ${id} from current stage ${stage}.${name}.__default.`;
  return jsonReply(manners.foreignConnection, { count: value.length, value });
}
