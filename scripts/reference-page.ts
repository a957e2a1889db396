import type { TaskDefinition, TaskInput } from './task-definition.js';

/** Between these lines a page is written by `npm run reference`; what stands below is written by hand. */
export const BEGIN = '<!-- Written by npm run reference out of task.json: edit that. -->';
export const END = '<!-- From here on by hand. -->';

const YAML_STEPS = 'https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/steps-task';
const LOGGING_COMMANDS =
  'https://learn.microsoft.com/azure/devops/pipelines/security/templates#agent-logging-command-restrictions';

/** The page of a task as its task.json has it, in the form that Azure Pipelines' own task pages have. */
export function referencePage(task: TaskDefinition): string {
  return `${[
    BEGIN,
    `# ${task.name}@${task.version.Major}: ${task.friendlyName}`,
    task.description,
    '## Syntax',
    // Prettier would move the commented inputs out of their list.
    `<!-- prettier-ignore -->\n\`\`\`yaml\n${syntax(task)}\n\`\`\``,
    '## Inputs',
    ...task.inputs.map(inputEntry),
    `### Task control options\n\nBeside its inputs, every task takes what every step takes: \`condition\`, \`continueOnError\`, \`timeoutInMinutes\`, \`target\` and the like. [Common task properties](${YAML_STEPS}#common-task-properties).`,
    '## Output variables',
    outputs(task),
    '## Requirements',
    requirements(task),
    END,
  ].join('\n\n')}\n`;
}

function syntax(task: TaskDefinition): string {
  const title = `# ${task.friendlyName} v${task.version.Major}\n# ${task.description}`;
  const groups = new Map((task.groups ?? []).map(({ name, displayName }) => [name, displayName]));
  const lines = [title, `- task: ${task.name}@${task.version.Major}`, '  inputs:'];
  let group: string | undefined;
  for (const input of task.inputs) {
    if (input.groupName !== group) {
      group = input.groupName;
      if (group !== undefined) lines.push(`  # ${groups.get(group) ?? group}`);
    }
    lines.push(`    ${syntaxLine(input)}`);
  }
  return lines.join('\n');
}

function syntaxLine(input: TaskInput): string {
  const { name, label, visibleRule } = input;
  const start = isRequired(input) ? `${name}:` : `#${name}:`;
  const value = input.defaultValue ? ` ${input.defaultValue}` : '';
  const notes = [
    typeOf(input),
    ...(isRequired(input) ? ['Required'] : []),
    ...(visibleRule === undefined ? [] : [`When ${ruleText(visibleRule)}`]),
    `${label.replace(/\.$/, '')}${input.defaultValue ? `. Default: ${input.defaultValue}` : ''}.`,
  ];
  return `${start}${value} # ${notes.join('. ')}`;
}

function inputEntry(input: TaskInput): string {
  const { name, label, options, helpMarkDown = '', visibleRule } = input;
  const facts = [
    `${typeOf(input, false)}.`.replace(/^(string|boolean)/, '`$1`').replace(/^service/, 'Service'),
    isRequired(input) ? 'Required.' : 'Optional.',
    ...(visibleRule === undefined ? [] : [`Use when ${ruleText(visibleRule)}.`]),
    ...(input.defaultValue ? [`Default value: \`${input.defaultValue}\`.`] : []),
  ];
  const values =
    options === undefined || Object.keys(options).length > MOST_SHOWN
      ? ''
      : `\n\n| Allowed value | Means |\n| --- | --- |\n${Object.entries(options)
          .map(([value, text]) => `| \`${value}\` | ${text} |`)
          .join('\n')}`;
  return `### \`${name}\`: ${label}\n\n${facts.join(' ')}\n\n${helpMarkDown}${values}`;
}

/** More than a reader looks through: the help names the page that has them. */
const MOST_SHOWN = 12;

function typeOf({ type, options, properties }: TaskInput, withOptions = true): string {
  if (withOptions && options !== undefined && Object.keys(options).length <= MOST_SHOWN)
    return Object.keys(options)
      .map(option => `'${option}'`)
      .join(' | ');
  if (properties?.['MultiSelectFlatList'] === 'True') return 'string, several separated by comma';
  const connection = /^connectedService:(.+)/.exec(type)?.[1];
  if (connection !== undefined) return `service connection of type ${connection}`;
  return type === 'boolean' ? 'boolean' : 'string';
}

function ruleText(rule: string): string {
  return rule
    .replaceAll(' && ', ' and ')
    .replaceAll(' || ', ' or ')
    .replace(
      /(\w+) == ?(\w+)|(\w+) = (\w+)/g,
      (_, a?: string, b?: string, c?: string, d?: string) => `\`${a ?? c ?? ''}\` is \`${b ?? d ?? ''}\``,
    )
    .replace(/(\w+) != (\w+)/g, '`$1` is not `$2`');
}

function isRequired({ required, defaultValue }: TaskInput): boolean {
  return required === true && !defaultValue;
}

function outputs({ outputVariables = [] }: TaskDefinition): string {
  if (outputVariables.length === 0) return 'None.';
  const rows = outputVariables.map(({ name, description }) => `| \`${name}\` | ${description} |`);
  return `Give the step a \`name\` to read them: \`$(name.output)\`.\n\n| Variable | Holds |\n| --- | --- |\n${rows.join('\n')}`;
}

function requirements(task: TaskDefinition): string {
  const settable = task.restrictions?.settableVariables?.allowed;
  const rows = [
    ['Pipeline types', 'YAML, classic build, classic release'],
    ['Runs on', (task.runsOn ?? []).join(', ')],
    ['Agent version', `${task.minimumAgentVersion} or later`],
    ['Node.js of the agent', '20 or 24'],
    ['Demands', 'None'],
    ['Capabilities', 'Satisfies no demands of later tasks of the job'],
    [
      `[Command restrictions](${LOGGING_COMMANDS})`,
      task.restrictions?.commands?.mode === 'restricted' ? 'Runs in restricted mode' : 'Any',
    ],
    [`[Settable variables](${LOGGING_COMMANDS})`, settable === undefined ? 'Any' : variables(settable)],
    ['Post-job step', task.postjobexecution === undefined ? 'None' : 'Yes'],
    ['Task category', task.category],
  ];
  return `| Requirement | Description |\n| --- | --- |\n${rows.map(([name, text]) => `| ${name} | ${text} |`).join('\n')}`;
}

function variables(names: readonly string[]): string {
  return names.length === 0 ? 'None' : names.map(name => `\`${name}\``).join(', ');
}
