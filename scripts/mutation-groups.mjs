/**
 * What is changed on purpose, in groups, each with the tests that have to notice: those that speak of it, and no more. What
 * only a far test would notice by chance counts as not noticed.
 *
 * @type {Readonly<Record<string, { readonly mutate: readonly string[], readonly tests: readonly string[] }>>}
 */
export const groups = {
  names: {
    mutate: ['packages/pat/{generations,pat-event,pat-name,renewal-tag,run-name,terminal-name}.ts'],
    tests: [
      'tests/unit/pat/{generations,pat-event,renewal,run-name,terminal}*.test.ts',
      'tests/unit/tasks/revoke-look-alikes*.test.ts',
    ],
  },
  scopes: {
    mutate: ['packages/pat/{nearest-scope,scopes}.ts'],
    tests: ['tests/unit/pat/{nearest-scope,scopes}*.test.ts'],
  },
  patterns: {
    mutate: ['packages/pat/{name-pattern,names-of-ours}.ts'],
    tests: ['tests/unit/pat/{name-pattern,names-of-ours}*.test.ts'],
  },
  issuing: {
    mutate: ['packages/pat/{create-pat,granted,issue,temporary-pat,verify}.ts'],
    tests: ['tests/unit/pat/{create-pat,granted,issue,temporary,verify-pat}*.test.ts'],
  },
  revoking: {
    mutate: ['packages/pat/{ledger,report-event,revoke,user-pats}.ts'],
    tests: ['tests/unit/pat/{ledger,pat-event,revoke}*.test.ts'],
  },
  lists: {
    mutate: ['packages/pat/pat-client.ts'],
    tests: ['tests/unit/pat/pat-client*.test.ts'],
  },
  retry: {
    mutate: ['packages/http/{pace,retry}.ts'],
    tests: ['tests/unit/http/{pace,retry}*.test.ts'],
  },
  runs: {
    mutate: ['packages/azure-devops/{ended,jobs-of-run,run-api,runs}.ts'],
    tests: ['tests/unit/azure-devops/{ended,run}*.test.ts'],
  },
  groups: {
    mutate: ['tasks/common/stores/variable-group.ts'],
    tests: ['tests/unit/tasks/store-variable-group*.test.ts'],
  },
  connections: {
    mutate: ['tasks/common/stores/{secret-slot,service-connection}.ts'],
    tests: ['tests/unit/tasks/store-service-connection*.test.ts'],
  },
  vaults: {
    mutate: ['tasks/common/stores/{key-vault,vault-clients}.ts'],
    tests: ['tests/unit/tasks/store-key-vault*.test.ts'],
  },
  stores: {
    mutate: ['tasks/common/stores/{store,store-error,store-kind,write-as}.ts'],
    tests: ['tests/unit/tasks/{rotate-as-issuer,rotate-inputs,rotate-take-over,stores}*.test.ts'],
  },
  steps: {
    mutate: ['tasks/*/*/run.ts'],
    tests: [
      'tests/unit/agent/step-marks*.test.ts',
      'tests/unit/pat/sealed-ledger*.test.ts',
      'tests/unit/tasks/{agent-user,audit-people,audit-story,federation-tasks,issue-happy,issue-refused,post-job-intent}*.test.ts',
      'tests/unit/tasks/{renew-issuer,revoke-by-name,revoke-inputs,rotate-as-issuer,rotate-variable}*.test.ts',
    ],
  },
};
