import type { ToolName } from '#tools/tool-names';
import { editDistance } from './nearest-scope.js';

/** What a PAT is for, in words that people know, and the least scopes that it takes. */
export interface Purpose {
  readonly name: string;
  /** One line, as the editor shows it. */
  readonly title: string;
  readonly scopes: readonly string[];
  /** Where Microsoft says that it takes these: a page below https://learn.microsoft.com/ */
  readonly source: string;
  /** What else the scopes allow that nobody would think of, to whom the issuing user's permissions allow it. */
  readonly warning?: string;
  /** The tools that use such a PAT. */
  readonly tools?: readonly ToolName[];
}

const REST = 'rest/api/azure/devops';
const DOCS = 'azure/devops';
const FEEDS = ['npm', 'nuget', 'pip', 'maven'] as const;

const ROWS = {
  gitClone: {
    title: 'Clone and fetch git repositories',
    scopes: ['vso.code'],
    source: `${DOCS}/repos/git/auth-overview`,
    tools: ['git'],
  },
  gitPush: {
    title: 'Push to git repositories',
    scopes: ['vso.code_write'],
    source: `${DOCS}/repos/git/auth-overview`,
    warning:
      'may also edit branch policies, and push or complete a pull request past them, where the issuing user may',
    tools: ['git'],
  },
  pullRequestComment: {
    title: 'Comment on pull requests',
    scopes: ['vso.threads_full'],
    source: `${REST}/git/pull-request-threads/create`,
  },
  commitStatusWrite: {
    title: 'Set the status of commits and pull requests',
    scopes: ['vso.code_status'],
    source: `${REST}/git/statuses/create`,
    warning: 'a status can be what a branch policy waits for',
  },
  packageRestore: {
    title: 'Restore packages from feeds',
    scopes: ['vso.packaging'],
    source: `${DOCS}/artifacts/npm/npmrc`,
    tools: FEEDS,
  },
  packagePublish: {
    title: 'Publish packages to feeds',
    scopes: ['vso.packaging_write'],
    source: `${DOCS}/artifacts/npm/publish`,
    warning: 'what is published runs wherever it is restored',
    tools: FEEDS,
  },
  workItemsRead: {
    title: 'Read work items and queries',
    scopes: ['vso.work'],
    source: `${REST}/wit/work-items/get-work-item`,
    tools: ['azureDevOpsCli'],
  },
  workItemsWrite: {
    title: 'Create and update work items',
    scopes: ['vso.work_write'],
    source: `${REST}/wit/work-items/create`,
    tools: ['azureDevOpsCli'],
  },
  wikiRead: { title: 'Read wiki pages', scopes: ['vso.wiki'], source: `${REST}/wiki/pages/get-page` },
  wikiWrite: {
    title: 'Write wiki pages',
    scopes: ['vso.wiki_write'],
    source: `${REST}/wiki/pages/create-or-update`,
  },
  buildRead: {
    title: 'Read builds, logs and artifacts',
    scopes: ['vso.build'],
    source: `${REST}/build/builds/get`,
    tools: ['azureDevOpsCli'],
  },
  buildQueue: {
    title: 'Queue builds and run pipelines',
    scopes: ['vso.build_execute'],
    source: `${REST}/build/builds/queue`,
    warning: 'may also edit and delete pipelines, and a pipeline runs with all that it is permitted to use',
    tools: ['azureDevOpsCli'],
  },
  releaseRead: {
    title: 'Read classic releases',
    scopes: ['vso.release'],
    source: `${REST}/release/releases/get-release`,
    tools: ['azureDevOpsCli'],
  },
  releaseCreate: {
    title: 'Create and deploy classic releases',
    scopes: ['vso.release_execute'],
    source: `${REST}/release/releases/create`,
    warning: 'may also edit release pipelines, which run with all that they are permitted to use',
    tools: ['azureDevOpsCli'],
  },
  testResultsRead: {
    title: 'Read test results',
    scopes: ['vso.test'],
    source: `${REST}/test/results/list`,
  },
  testResultsPublish: {
    title: 'Publish test results',
    scopes: ['vso.test_write'],
    source: `${REST}/test/results/add`,
  },
  variableGroupsRead: {
    title: 'Read variable groups',
    scopes: ['vso.variablegroups_read'],
    source: `${REST}/distributedtask/variablegroups/get`,
    tools: ['azureDevOpsCli'],
  },
  variableGroupsManage: {
    title: 'Create, change and delete variable groups',
    scopes: ['vso.variablegroups_manage'],
    source: `${REST}/distributedtask/variablegroups/update`,
    warning: 'whoever changes a variable group changes every pipeline that uses it',
    tools: ['azureDevOpsCli'],
  },
  secureFilesRead: {
    title: 'Read secure files',
    scopes: ['vso.securefiles_read'],
    source: `${DOCS}/integrate/get-started/authentication/oauth`,
    warning: 'secure files hold keys and certificates',
  },
  serviceConnectionsRead: {
    title: 'Read service connections',
    scopes: ['vso.serviceendpoint'],
    source: `${REST}/serviceendpoint/endpoints/get`,
    tools: ['azureDevOpsCli'],
  },
  serviceConnectionsManage: {
    title: 'Create, change and delete service connections',
    scopes: ['vso.serviceendpoint_manage'],
    source: `${REST}/serviceendpoint/endpoints/update-service-endpoint`,
    warning:
      'may also lead a connection to another address, the PAT issuer with its ceilings included, where the issuing user may',
    tools: ['azureDevOpsCli'],
  },
  pipelinePermissionsManage: {
    title: 'Permit pipelines to use protected resources',
    scopes: ['vso.pipelineresources_manage'],
    source: `${REST}/approvalsandchecks/pipeline-permissions/update-pipeline-permisions-for-resource`,
    warning: 'opens service connections, variable groups and agent pools to any pipeline',
  },
  agentPoolsRead: {
    title: 'Read agent pools, agents and their queues',
    scopes: ['vso.agentpools'],
    source: `${REST}/distributedtask/pools/get`,
    tools: ['azureDevOpsCli'],
  },
  agentPoolsManage: {
    title: 'Register self-hosted agents and manage agent pools',
    scopes: ['vso.agentpools_manage'],
    source: `${DOCS}/pipelines/agents/personal-access-token-agent-registration`,
    warning: 'whoever registers an agent is sent the jobs of the pool, with their secrets',
  },
  deploymentGroupsManage: {
    title: 'Register agents of deployment groups',
    scopes: ['vso.machinegroup_manage'],
    source: `${DOCS}/pipelines/agents/personal-access-token-agent-registration`,
    warning:
      'includes vso.agentpools_manage; Microsoft asks for a PAT of all organizations here, which no longer exists',
  },
  environmentsManage: {
    title: 'Manage environments and register their machines',
    scopes: ['vso.environment_manage'],
    source: `${DOCS}/pipelines/process/environments-virtual-machines`,
    warning: 'includes vso.agentpools_manage',
  },
  symbolsPublish: {
    title: 'Publish symbols',
    scopes: ['vso.symbols_write'],
    source: `${DOCS}/artifacts/concepts/symbols`,
  },
  marketplacePublish: {
    title: 'Publish extensions to the Marketplace',
    scopes: ['vso.gallery_publish'],
    source: `${DOCS}/extend/publish/command-line`,
    warning:
      'what is published runs with everyone who has the extension; an Entra token of a service principal publishes without any PAT',
  },
  marketplaceManage: {
    title: 'Manage extensions in the Marketplace, unpublish them too',
    scopes: ['vso.gallery_manage'],
    source: `${DOCS}/extend/publish/command-line`,
    warning: 'may also delete what a publisher has published',
  },
  extensionsManage: {
    title: 'Install and remove extensions of the organization',
    scopes: ['vso.extension_manage'],
    source: `${REST}/extensionmanagement/installed-extensions/install-extension-by-name`,
    warning:
      'an extension runs in the browser of everybody in the organization, and its tasks on every agent',
    tools: ['azureDevOpsCli'],
  },
  projectsRead: {
    title: 'Read projects and teams',
    scopes: ['vso.project'],
    source: `${REST}/core/projects/list`,
    tools: ['azureDevOpsCli', 'terraform'],
  },
  projectsManage: {
    title: 'Create, change and delete projects and teams',
    scopes: ['vso.project_manage'],
    source: `${REST}/core/projects/delete`,
    warning: 'may also delete a project with everything in it',
    tools: ['azureDevOpsCli', 'terraform'],
  },
  usersRead: {
    title: 'Read users, groups and who belongs to which',
    scopes: ['vso.graph'],
    source: `${REST}/graph/users/list`,
    tools: ['azureDevOpsCli'],
  },
  usersManage: {
    title: 'Add users and change what they may do',
    scopes: ['vso.memberentitlementmanagement_write'],
    source: `${REST}/memberentitlementmanagement/user-entitlements/add`,
    warning: 'may also make any user an administrator',
    tools: ['azureDevOpsCli'],
  },
  serviceHooksManage: {
    title: 'Subscribe addresses to events',
    scopes: ['vso.hooks_write'],
    source: `${REST}/hooks/subscriptions/create`,
    warning: 'sends what happens in a project to any address',
  },
  advancedSecurityRead: {
    title: 'Read alerts of Advanced Security',
    scopes: ['vso.advsec'],
    source: `${REST}/advancedsecurity/alerts/list`,
    warning: 'alerts tell where secrets and weaknesses are',
  },
  analyticsRead: {
    title: 'Read Analytics, for instance with Power BI',
    scopes: ['vso.analytics'],
    source: `${DOCS}/report/powerbi/client-authentication-options`,
    warning: 'reads the work items of every project in which the issuing user may view Analytics',
  },
  auditLogRead: {
    title: 'Read the audit log',
    scopes: ['vso.auditlog'],
    source: `${REST}/audit/audit-log/query`,
  },
} as const satisfies Readonly<Record<string, Omit<Purpose, 'name'>>>;

/** Every purpose, those of the code first. */
export const purposes: readonly Purpose[] = Object.entries<Omit<Purpose, 'name'>>(ROWS).map(
  ([name, purpose]) => ({ name, ...purpose }),
);

const byName = new Map(purposes.map(purpose => [purpose.name.toLowerCase(), purpose]));

/** More than there are; entries, not characters. */
const MOST_ENTRIES = 100;
const LONGEST_SHOWN = 80;

/**
 * Reads a list of purposes, separated by comma, semicolon, blank or newline, whatever their case.
 *
 * @returns each purpose once, in the order asked, and one sentence for each entry that is none
 */
export function parsePurposes(text: string): {
  readonly purposes: readonly Purpose[];
  readonly faults: readonly string[];
} {
  const entries = [...new Set(text.split(/[,;\s]+/).filter(entry => entry !== ''))];
  if (entries.length > MOST_ENTRIES) {
    const fault = `the list has ${entries.length} entries, more than there are purposes. Example: gitClone`;
    return { purposes: [], faults: [fault] };
  }
  const found = entries.map(entry => ({ entry, purpose: byName.get(entry.toLowerCase()) }));
  return {
    purposes: [...new Set(found.flatMap(({ purpose }) => purpose ?? []))],
    faults: found.filter(({ purpose }) => purpose === undefined).map(({ entry }) => unknownPurpose(entry)),
  };
}

function unknownPurpose(entry: string): string {
  const shown = entry.slice(0, LONGEST_SHOWN);
  if (/^vso\./i.test(shown))
    return `"${shown}" is a scope, which belongs into the input scopes. Example: gitClone`;
  const wanted = shown.toLowerCase();
  const [nearest] = purposes
    .map(({ name }) => ({ name, apart: editDistance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.apart - b.apart);
  return nearest !== undefined && nearest.apart <= wanted.length * 0.4
    ? `"${shown}" is not a purpose. Nearest: ${nearest.name}`
    : `"${shown}" is not a purpose. Example: gitClone or packageRestore; job-pat scopes --purpose shows all`;
}
