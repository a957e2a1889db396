/** Tools that a step or a command can make ready: see `settings-of-tool`. */
export const toolNames = [
  'git',
  'npm',
  'nuget',
  'pip',
  'maven',
  'azureDevOpsCli',
  'tfx',
  'terraform',
] as const;

export type ToolName = (typeof toolNames)[number];
