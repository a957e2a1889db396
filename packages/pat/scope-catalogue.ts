/**
 * The scopes a PAT can carry: portal row, portal level, URI, and the scope it includes directly.
 * From Microsoft's scope list of 2025-07 (docs/integrate/includes/scopes.md); `false` marks scopes that the
 * portal's form does not offer. Inclusion is cumulative: `vso.code_write` includes `vso.code`, that `vso.hooks_write`.
 */
export interface Scope {
  readonly uri: string;
  /** As the portal words it: `Code (Read & write)`. */
  readonly label: string;
  readonly includes?: string;
  /** Microsoft flags it as high-privilege. */
  readonly highPrivilege: boolean;
  readonly onPortal: boolean;
}

type Row = readonly [uri: string, level: string, includes?: string | undefined, mark?: 'high' | 'hidden'];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'Advanced Security': [
    ['vso.advsec', 'Read', undefined, 'high'],
    ['vso.advsec_write', 'Read & write', 'vso.advsec', 'high'],
    ['vso.advsec_manage', 'Read, write, & manage', 'vso.advsec_write', 'high'],
  ],
  'Agent Pools': [
    ['vso.agentpools', 'Read'],
    ['vso.agentpools_manage', 'Read & manage', 'vso.agentpools', 'high'],
  ],
  Analytics: [['vso.analytics', 'Read']],
  'Audit Log': [
    ['vso.auditlog', 'Read Audit Log'],
    ['vso.auditstreams_manage', 'Manage audit streams', 'vso.auditlog', 'high'],
  ],
  Build: [
    ['vso.build', 'Read', 'vso.hooks_write'],
    ['vso.build_execute', 'Read & execute', 'vso.build', 'high'],
  ],
  Code: [
    ['vso.code', 'Read', 'vso.hooks_write'],
    ['vso.code_write', 'Read & write', 'vso.code', 'high'],
    ['vso.code_manage', 'Read, write, & manage', 'vso.code_write', 'high'],
    ['vso.code_full', 'Full', 'vso.code_manage', 'high'],
    ['vso.code_status', 'Status'],
  ],
  'Connected Server': [['vso.connected_server', 'Access endpoints']],
  'Deployment Groups': [['vso.machinegroup_manage', 'Read & manage', 'vso.agentpools_manage', 'high']],
  Entitlements: [['vso.entitlements', 'Read']],
  Environment: [['vso.environment_manage', 'Read & manage', 'vso.agentpools_manage', 'high']],
  'Extension Data': [
    ['vso.extension.data', 'Read', 'vso.profile'],
    ['vso.extension.data_write', 'Read & write', 'vso.extension.data'],
  ],
  Extensions: [
    ['vso.extension', 'Read', 'vso.profile'],
    ['vso.extension_manage', 'Read & manage', 'vso.extension', 'high'],
  ],
  'GitHub Connections': [
    ['vso.githubconnections', 'Read'],
    ['vso.githubconnections_manage', 'Read & manage', 'vso.githubconnections', 'high'],
  ],
  Graph: [
    ['vso.graph', 'Read'],
    ['vso.graph_manage', 'Read & manage', 'vso.graph', 'high'],
  ],
  Identity: [
    ['vso.identity', 'Read'],
    ['vso.identity_manage', 'Read & manage', 'vso.identity', 'high'],
  ],
  Marketplace: [
    ['vso.gallery', 'Read', 'vso.profile'],
    ['vso.gallery_acquire', 'Acquire', 'vso.gallery'],
    ['vso.gallery_publish', 'Publish', 'vso.gallery', 'high'],
    ['vso.gallery_manage', 'Manage', 'vso.gallery_publish', 'high'],
  ],
  'MemberEntitlement Management': [
    ['vso.memberentitlementmanagement', 'Read'],
    ['vso.memberentitlementmanagement_write', 'Read & write', 'vso.memberentitlementmanagement', 'high'],
  ],
  Notifications: [
    ['vso.notification', 'Read', 'vso.profile'],
    ['vso.notification_write', 'Read & write', 'vso.notification'],
    ['vso.notification_manage', 'Read, write, & manage', 'vso.notification_write'],
    ['vso.notification_diagnostics', 'Diagnostics', 'vso.notification'],
  ],
  Packaging: [
    ['vso.packaging', 'Read', 'vso.profile'],
    ['vso.packaging_write', 'Read & write', 'vso.packaging', 'high'],
    ['vso.packaging_manage', 'Read, write, & manage', 'vso.packaging_write', 'high'],
  ],
  'Pipeline Resources': [
    ['vso.pipelineresources_use', 'Use', undefined, 'high'],
    ['vso.pipelineresources_manage', 'Use and manage', 'vso.pipelineresources_use', 'high'],
  ],
  'Project and Team': [
    ['vso.project', 'Read'],
    ['vso.project_write', 'Read & write', 'vso.project'],
    ['vso.project_manage', 'Read, write, & manage', 'vso.project_write', 'high'],
  ],
  'Pull Request Threads': [['vso.threads_full', 'Read & write']],
  Release: [
    ['vso.release', 'Read', 'vso.profile'],
    ['vso.release_execute', 'Read, write, & execute', 'vso.release', 'high'],
    ['vso.release_manage', 'Read, write, execute, & manage', 'vso.release_execute', 'high'],
  ],
  'Secure Files': [
    ['vso.securefiles_read', 'Read', undefined, 'high'],
    ['vso.securefiles_write', 'Read & create', 'vso.securefiles_read', 'high'],
    ['vso.securefiles_manage', 'Read, create, & manage', 'vso.securefiles_write', 'high'],
  ],
  Security: [['vso.security_manage', 'Manage', undefined, 'high']],
  'Service Connections': [
    ['vso.serviceendpoint', 'Read', 'vso.profile'],
    ['vso.serviceendpoint_query', 'Read & query', 'vso.serviceendpoint'],
    ['vso.serviceendpoint_manage', 'Read, query, & manage', 'vso.serviceendpoint_query', 'high'],
  ],
  'Service Hooks': [
    ['vso.hooks', 'Read', 'vso.profile'],
    ['vso.hooks_write', 'Read & write', 'vso.hooks'],
    ['vso.hooks_interact', 'Interact', 'vso.profile'],
  ],
  Settings: [
    ['vso.settings', 'Read'],
    ['vso.settings_write', 'Read & write', 'vso.settings'],
  ],
  Symbols: [
    ['vso.symbols', 'Read', 'vso.profile'],
    ['vso.symbols_write', 'Read & write', 'vso.symbols'],
    ['vso.symbols_manage', 'Read, write, & manage', 'vso.symbols_write'],
  ],
  'Task Groups': [
    ['vso.taskgroups_read', 'Read'],
    ['vso.taskgroups_write', 'Read & create', 'vso.taskgroups_read'],
    ['vso.taskgroups_manage', 'Read, create, & manage', 'vso.taskgroups_write', 'high'],
  ],
  'Team Dashboard': [
    ['vso.dashboards', 'Read'],
    ['vso.dashboards_manage', 'Read & manage', 'vso.dashboards'],
  ],
  'Test Management': [
    ['vso.test', 'Read', 'vso.profile'],
    ['vso.test_write', 'Read & write', 'vso.test'],
  ],
  'Token Administration': [['vso.tokenadministration', 'Read & manage', undefined, 'high']],
  Tokens: [['vso.tokens', 'Read & manage', undefined, 'high']],
  'User Profile': [
    ['vso.profile', 'Read'],
    ['vso.profile_write', 'Read & write', 'vso.profile'],
  ],
  'Variable Groups': [
    ['vso.variablegroups_read', 'Read'],
    ['vso.variablegroups_write', 'Read & create', 'vso.variablegroups_read'],
    ['vso.variablegroups_manage', 'Read, create, & manage', 'vso.variablegroups_write', 'high'],
  ],
  Wiki: [
    ['vso.wiki', 'Read'],
    ['vso.wiki_write', 'Read & write', 'vso.wiki'],
  ],
  'Work Items': [
    ['vso.work', 'Read', 'vso.hooks_write'],
    ['vso.work_write', 'Read & write', 'vso.work'],
    ['vso.work_full', 'Read, write, & manage', 'vso.work_write'],
  ],
  'Component Governance': [['vso.governance', 'Read', undefined, 'hidden']],
  Drop: [
    ['vso.drop', 'Read', undefined, 'hidden'],
    ['vso.drop_write', 'Read & write', 'vso.drop', 'hidden'],
    ['vso.drop_manage', 'Read, write, & manage', 'vso.drop_write', 'hidden'],
  ],
  'Load Test': [
    ['vso.loadtest', 'Read', undefined, 'hidden'],
    ['vso.loadtest_write', 'Read & write', 'vso.loadtest', 'hidden'],
  ],
};

export const FULL_ACCESS = 'app_token';

let known: readonly Scope[] | undefined;

/** Every known scope: the portal's rows in alphabetical order, full access last. */
export function scopeCatalogue(): readonly Scope[] {
  return (known ??= [
    ...Object.entries(ROWS).flatMap(([row, levels]) =>
      levels.map(([uri, level, includes, mark]) => ({
        uri,
        label: `${row} (${level})`,
        ...(includes === undefined ? {} : { includes }),
        highPrivilege: mark === 'high',
        onPortal: mark !== 'hidden',
      })),
    ),
    { uri: FULL_ACCESS, label: 'Full access', highPrivilege: true, onPortal: true },
  ]);
}
