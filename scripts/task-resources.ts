import type { TaskDefinition } from './task-definition.js';

/**
 * The texts of a task that a person sees, by the keys of `Strings/resources.resjson` in a task's folder: the form in
 * which Azure DevOps looks for them language by language.
 */
export function resourcesOf(task: TaskDefinition): Record<string, string> {
  const { friendlyName, description, helpMarkDown, instanceNameFormat, groups = [], inputs } = task;
  return {
    'loc.friendlyName': friendlyName,
    ...text('loc.helpMarkDown', helpMarkDown),
    'loc.description': description,
    ...text('loc.instanceNameFormat', instanceNameFormat),
    ...Object.fromEntries(
      groups.map(({ name, displayName }) => [`loc.group.displayName.${name}`, displayName]),
    ),
    ...Object.fromEntries(
      inputs.flatMap(input => [
        [`loc.input.label.${input.name}`, input.label],
        ...Object.entries(text(`loc.input.help.${input.name}`, input.helpMarkDown)),
      ]),
    ),
  };
}

function text(key: string, value: unknown): Record<string, string> {
  return typeof value === 'string' && value !== '' ? { [key]: value } : {};
}
