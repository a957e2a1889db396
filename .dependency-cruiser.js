/**
 * The borders of the house; `npm run lint` holds the code against them. README, "Where does a line belong", says what
 * each part is for.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
const packages = {
  text: [],
  advice: ['text'],
  http: ['text', 'advice'],
  'azure-devops': ['text', 'advice', 'http'],
  agent: ['text', 'advice', 'http'],
  entra: ['text', 'advice', 'http', 'azure-devops', 'agent'],
  'key-vault': ['text', 'advice', 'http', 'azure-devops', 'agent', 'entra'],
  tools: ['text', 'advice', 'http', 'azure-devops'],
  pat: ['text', 'advice', 'http', 'azure-devops', 'agent', 'entra', 'tools'],
  emulator: [],
  'local-agent': ['emulator'],
};

/** A rule for each package: it imports itself and what stands beside its name, and nothing else of ours. */
const borders = Object.entries(packages).map(([name, below]) => ({
  name: `packages/${name}`,
  comment: `packages/${name} imports of our own code ${['itself', ...below].join(', ')} only.`,
  severity: 'error',
  from: { path: `^packages/${name}/` },
  to: {
    path: '^(packages|tasks|cli|tab|simulation|scripts|tests)/',
    pathNot: `^packages/(${[name, ...below].join('|')})/`,
  },
}));

export default {
  forbidden: [
    ...borders,
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-task-another',
      comment: 'What two tasks need lies in tasks/common or in a package.',
      severity: 'error',
      from: { path: '^tasks/([^/]+)/' },
      to: { path: '^tasks/', pathNot: '^tasks/($1|common)/' },
    },
    {
      name: 'common-no-task',
      severity: 'error',
      from: { path: '^tasks/common/' },
      to: { path: '^tasks/', pathNot: '^tasks/common/' },
    },
    {
      name: 'product-no-stand-in',
      comment: 'What is shipped knows no emulator, no test and no tool.',
      severity: 'error',
      from: { path: '^(tasks|cli|tab)/' },
      to: { path: '^(packages/(emulator|local-agent)|simulation|scripts|tests)/' },
    },
    {
      name: 'tools-no-tests',
      comment: 'A script or a simulation does not rest on a test.',
      severity: 'error',
      from: { path: '^(scripts|simulation|packages)/' },
      // What mutation changes, and why a survivor may live, is said beside its tests.
      to: { path: '^tests/', pathNot: '^tests/mutation/' },
    },
    {
      name: 'not-found',
      severity: 'error',
      from: {},
      // Stryker is installed by `npm run mutation` alone.
      to: { couldNotResolve: true, pathNot: '^@stryker-mutator/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
    skipAnalysisNotInRules: true,
  },
};
