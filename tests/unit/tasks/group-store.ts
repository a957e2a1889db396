import type { Variable } from '#emulator/library/store';
import { variableGroup, type VariableGroupChoice } from '../../../tasks/common/stores/variable-group.js';
import { A, B, emulatedStores, generation } from './emulated-stores.js';

export const CHOICE: VariableGroupChoice = {
  kind: 'variableGroup',
  variableGroup: 'deploy',
  project: '',
  variableName: 'GIT_PAT',
};
const FULL: Readonly<Record<string, Variable>> = {
  URL: { value: 'https://example.com' },
  PASSWORD: { value: 'another secret', isSecret: true },
  git_PAT: { value: 'old', isSecret: true },
  'GIT_PAT.AuthorizationId': { value: A.toUpperCase() },
};

/** A store in the group `deploy`, which is group 1 of contoso. */
export function store({
  variables = FULL,
  choice = {},
  alone,
  name = 'deploy',
  ...group
}: {
  variables?: Readonly<Record<string, Variable>>;
  choice?: Partial<VariableGroupChoice>;
  alone?: boolean;
  name?: string;
  type?: string;
  description?: string;
  projects?: readonly string[];
  roles?: { buildService: 'administrator' | 'reader' | 'none'; people: 'administrator' | 'reader' | 'none' };
} = {}) {
  const stores = emulatedStores({ ...(alone !== undefined && { alone }) });
  for (const project of group.projects ?? [])
    if (project !== 'sample') stores.services.projects.add('contoso', { name: project });
  const added = stores.services.variableGroups.add({ name, variables, ...group });
  const opened = stores.open(variableGroup, { ...CHOICE, ...choice });
  return {
    ...stores,
    group: added,
    store: opened,
    look: () => opened.look(stores.policy()),
    recorded: () => opened.recorded(stores.policy()),
    write: (id = B) => opened.write(generation(id), stores.policy()),
    asked: () =>
      stores.sent.map(
        ({ method, by, url }) => `${method} ${by} ${url.pathname.split('variablegroups')[1] ?? url.pathname}`,
      ),
  };
}
