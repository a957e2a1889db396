/** Tools that can be made ready without a secret in a file, an address or a process argument. */
export const toolNames = ['git', 'npm', 'nuget', 'pip', 'maven', 'azureDevOpsCli', 'terraform'] as const;

export type ToolName = (typeof toolNames)[number];

/** Those that know one PAT, and send it to whatever organization they are pointed at. */
const OF_ONE_ORGANIZATION: ReadonlySet<ToolName> = new Set(['azureDevOpsCli', 'terraform']);

/** What people call tools beside their names here; and those that cannot be told in a way that is safe. */
const HINTS: Readonly<Record<string, string>> = {
  dotnet: 'is made ready as nuget',
  pnpm: 'is made ready as npm',
  twine: 'is made ready as pip',
  uv: 'is made ready as pip',
  mvn: 'is made ready as maven',
  az: 'is made ready as azureDevOpsCli',
  tfx: 'takes a token only from its arguments, a prompt or a file, so it is left out: map JOB_PAT in the env of its step, and pipe it into the prompt',
  yarn: 'reads no file that could be named to it, so it is left out: name the variable JOB_PAT in .yarnrc.yml, and map it in the env of its step',
};

/**
 * Reads a list of tools, separated by comma, semicolon, blank or newline, whatever their case.
 *
 * @returns each once, in the order asked, and one sentence for each entry that is none
 */
export function parseTools(text: string): {
  readonly tools: readonly ToolName[];
  readonly faults: readonly string[];
} {
  const entries = [...new Set(text.split(/[,;\s]+/).filter(entry => entry !== ''))].slice(0, 100);
  const tools = new Set<ToolName>();
  const faults: string[] = [];
  for (const entry of entries) {
    const lower = entry.toLowerCase();
    const tool = toolNames.find(name => name.toLowerCase() === lower);
    if (tool !== undefined) tools.add(tool);
    else faults.push(notATool(entry.slice(0, 80), HINTS[lower]));
  }
  return { tools: [...tools], faults };
}

function notATool(entry: string, hint: string | undefined): string {
  return hint === undefined
    ? `"${entry}" is not a tool that can be made ready: ${toolNames.join(', ')}. Example: git`
    : `"${entry}" ${hint}. Example: git`;
}

/** The tools that cannot tell several organizations apart. */
export function toolsOfOneOrganization(tools: readonly ToolName[]): readonly ToolName[] {
  return tools.filter(tool => OF_ONE_ORGANIZATION.has(tool));
}
