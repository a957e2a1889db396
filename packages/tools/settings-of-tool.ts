import { gitSettings } from './git.js';
import { mavenSettings } from './maven.js';
import { npmSettings } from './npm.js';
import { nugetSettings } from './nuget.js';
import { azureDevOpsCliSettings, terraformSettings } from './one-pat.js';
import { pipSettings } from './pip.js';
import type { ToolName } from './tool-names.js';
import type { ToolContext, ToolSettings } from './tool-settings.js';

const SETTINGS: Readonly<Record<ToolName, (context: ToolContext) => ToolSettings>> = {
  git: gitSettings,
  npm: npmSettings,
  nuget: nugetSettings,
  pip: pipSettings,
  maven: mavenSettings,
  azureDevOpsCli: azureDevOpsCliSettings,
  terraform: terraformSettings,
};

/** What a tool has to be told so that it uses the PATs by itself. It writes nothing. */
export function settingsOfTool(tool: ToolName, context: ToolContext): ToolSettings {
  return SETTINGS[tool](context);
}
