/** Each scope that a PAT may carry, with the scope it includes directly. */
const includes: Readonly<Record<string, string | undefined>> = {
  'vso.advsec': undefined,
  'vso.advsec_write': 'vso.advsec',
  'vso.advsec_manage': 'vso.advsec_write',
  'vso.agentpools': undefined,
  'vso.agentpools_manage': 'vso.agentpools',
  'vso.environment_manage': 'vso.agentpools_manage',
  'vso.machinegroup_manage': 'vso.agentpools_manage',
  'vso.analytics': undefined,
  'vso.auditlog': undefined,
  'vso.auditstreams_manage': 'vso.auditlog',
  'vso.build': 'vso.hooks_write',
  'vso.build_execute': 'vso.build',
  'vso.code': 'vso.hooks_write',
  'vso.code_write': 'vso.code',
  'vso.code_manage': 'vso.code_write',
  'vso.code_full': 'vso.code_manage',
  'vso.code_status': undefined,
  'vso.connected_server': undefined,
  'vso.dashboards': undefined,
  'vso.dashboards_manage': 'vso.dashboards',
  'vso.drop': undefined,
  'vso.drop_write': 'vso.drop',
  'vso.drop_manage': 'vso.drop_write',
  'vso.entitlements': undefined,
  'vso.extension': 'vso.profile',
  'vso.extension_manage': 'vso.extension',
  'vso.extension.data': 'vso.profile',
  'vso.extension.data_write': 'vso.extension.data',
  'vso.gallery': 'vso.profile',
  'vso.gallery_acquire': 'vso.gallery',
  'vso.gallery_publish': 'vso.gallery',
  'vso.gallery_manage': 'vso.gallery_publish',
  'vso.githubconnections': undefined,
  'vso.githubconnections_manage': 'vso.githubconnections',
  'vso.governance': undefined,
  'vso.graph': undefined,
  'vso.graph_manage': 'vso.graph',
  'vso.hooks': 'vso.profile',
  'vso.hooks_write': 'vso.hooks',
  'vso.hooks_interact': 'vso.profile',
  'vso.identity': undefined,
  'vso.identity_manage': 'vso.identity',
  'vso.loadtest': undefined,
  'vso.loadtest_write': 'vso.loadtest',
  'vso.memberentitlementmanagement': undefined,
  'vso.memberentitlementmanagement_write': 'vso.memberentitlementmanagement',
  'vso.notification': 'vso.profile',
  'vso.notification_write': 'vso.notification',
  'vso.notification_manage': 'vso.notification_write',
  'vso.notification_diagnostics': 'vso.notification',
  'vso.packaging': 'vso.profile',
  'vso.packaging_write': 'vso.packaging',
  'vso.packaging_manage': 'vso.packaging_write',
  'vso.pipelineresources_use': undefined,
  'vso.pipelineresources_manage': 'vso.pipelineresources_use',
  'vso.profile': undefined,
  'vso.profile_write': 'vso.profile',
  'vso.project': undefined,
  'vso.project_write': 'vso.project',
  'vso.project_manage': 'vso.project_write',
  'vso.release': 'vso.profile',
  'vso.release_execute': 'vso.release',
  'vso.release_manage': 'vso.release_execute',
  'vso.securefiles_read': undefined,
  'vso.securefiles_write': 'vso.securefiles_read',
  'vso.securefiles_manage': 'vso.securefiles_write',
  'vso.security_manage': undefined,
  'vso.serviceendpoint': 'vso.profile',
  'vso.serviceendpoint_query': 'vso.serviceendpoint',
  'vso.serviceendpoint_manage': 'vso.serviceendpoint_query',
  'vso.settings': undefined,
  'vso.settings_write': 'vso.settings',
  'vso.symbols': 'vso.profile',
  'vso.symbols_write': 'vso.symbols',
  'vso.symbols_manage': 'vso.symbols_write',
  'vso.taskgroups_read': undefined,
  'vso.taskgroups_write': 'vso.taskgroups_read',
  'vso.taskgroups_manage': 'vso.taskgroups_write',
  'vso.test': 'vso.profile',
  'vso.test_write': 'vso.test',
  'vso.threads_full': undefined,
  'vso.tokenadministration': undefined,
  'vso.tokens': undefined,
  'vso.variablegroups_read': undefined,
  'vso.variablegroups_write': 'vso.variablegroups_read',
  'vso.variablegroups_manage': 'vso.variablegroups_write',
  'vso.wiki': undefined,
  'vso.wiki_write': 'vso.wiki',
  'vso.work': 'vso.hooks_write',
  'vso.work_write': 'vso.work',
  'vso.work_full': 'vso.work_write',
};

/** The scope of a PAT that may do all its user may. */
export const fullAccess = 'app_token';

/** What an Entra token carries that may do all its user may. */
export const impersonation = 'user_impersonation';

/** Whether the service would issue a PAT with this scope to somebody. */
export function isPatScope(scope: string): boolean {
  return scope === fullAccess || Object.hasOwn(includes, scope);
}

/** Whether the scope belongs to Packaging, the only area that a "packaging only" policy leaves open. */
export function isPackagingScope(scope: string): boolean {
  return scope.startsWith('vso.packaging');
}

/** Whether the granted scopes allow what needs this one, directly, by inheritance or by full access. */
export function covers(granted: readonly string[], needed: string): boolean {
  return granted.some(scope => {
    if (scope === fullAccess || scope === impersonation) return true;
    for (let held: string | undefined = scope; held !== undefined; held = includes[held]) {
      if (held === needed) return true;
    }
    return false;
  });
}
