import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['scripts/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // What is shipped writes through a port and asks through one: a raw line from outside could become a logging command
    // or steer a terminal, and a raw request could leave for any host.
    files: ['tasks/**/*.ts', 'cli/**/*.ts', 'tab/**/*.ts', 'packages/**/*.ts'],
    ignores: [
      'packages/{emulator,local-agent}/**',
      'packages/agent/task-lib-agent.ts',
      'cli/{output,terminal,typed-line}.ts',
      'tab/build-api.ts',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'stdin', message: 'Read through the agent port or the terminal.' },
        { object: 'process', property: 'stdout', message: 'Write through the agent port or the terminal.' },
        { object: 'process', property: 'stderr', message: 'Write through the agent port or the terminal.' },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Use packages/http, which pins hosts; in the tab, its build API.' },
        { name: 'XMLHttpRequest', message: 'Use the build API of the tab.' },
      ],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: ['http', 'https', 'http2', 'node:http', 'node:https', 'node:http2', 'undici'].map(name => ({
            name,
            message: 'Use packages/http: it pins hosts.',
            allowTypeImports: true,
          })),
        },
      ],
    },
  },
  {
    // The transport that the rule points to; and a type of answer that Microsoft's client wants, made without a request.
    files: ['packages/http/**', 'packages/azure-devops/library-transport.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': 'off' },
  },
  {
    // Programs for a person's terminal.
    files: ['scripts/**', 'packages/*/main.ts', 'simulation/main.ts', 'simulation/capacity-table.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        require: 'readonly',
        module: 'writable',
      },
    },
  },
  {
    // mocha's describe/it take functions that return promises; expectations read as property accesses.
    files: ['tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
);
