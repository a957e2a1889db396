import type { ToolContext, ToolSettings } from './tool-settings.js';

/** `az devops`, `az pipelines` and their like take the PAT from a variable, for whatever organization they are pointed at. */
export function azureDevOpsCliSettings({ pats }: ToolContext): ToolSettings {
  const { organization, value } = only(pats);
  return {
    kind: 'ready',
    tool: 'azureDevOpsCli',
    variables: [{ name: 'AZURE_DEVOPS_EXT_PAT', value, isSecret: true }],
    files: [],
    told: `az devops, az pipelines, az repos, az boards and az artifacts use the PAT, where no az login comes first; point them at ${organization.url}`,
  };
}

/** The provider microsoft/azuredevops. */
export function terraformSettings({ pats }: ToolContext): ToolSettings {
  const { organization, value } = only(pats);
  return {
    kind: 'ready',
    tool: 'terraform',
    variables: [
      { name: 'AZDO_PERSONAL_ACCESS_TOKEN', value, isSecret: true },
      { name: 'AZDO_ORG_SERVICE_URL', value: organization.url, isSecret: false },
    ],
    files: [],
    told: `the provider azuredevops uses the PAT in ${organization.name}`,
  };
}

/** More than one is refused where inputs are checked. */
function only(pats: ToolContext['pats']): ToolContext['pats'][number] {
  const [pat, ...more] = pats;
  if (pat === undefined || more.length > 0) throw new Error('this tool takes the PAT of one organization');
  return pat;
}
