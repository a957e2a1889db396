/** AADSTS codes of an application that signs in as itself, by what a person has to do. Codes only choose the hint. */
const HINTS: readonly (readonly [codes: readonly number[], hint: string])[] = [
  [
    [70021, 70025, 700211, 700212, 700213],
    'The application has no federated credential for this service connection: copy issuer and subject from the page of the connection into Certificates & secrets, Federated credentials, of the application.',
  ],
  [
    [700024],
    'The token of Azure Pipelines is used outside of its few minutes: check the clock of the agent, then run again.',
  ],
  [
    [700223, 700238, 70052],
    'A policy of the tenant forbids federated credentials of this kind: ask an administrator of the tenant.',
  ],
  [
    [7000215],
    'The client secret in the Azure connection is wrong: store its value, not its id, or convert the connection to workload identity federation.',
  ],
  [
    [7000222],
    'The client secret in the Azure connection has expired: make a new one, or convert the connection to workload identity federation.',
  ],
  [
    [7000218],
    'The application wants a secret or a federated credential: edit the Azure connection and verify it.',
  ],
  [
    [700016, 700028],
    'The application is not known in this tenant: check application id and tenant id of the Azure connection.',
  ],
  [
    [7000112, 7000113],
    'The application is disabled: ask an administrator of the tenant to enable it, or use another Azure connection.',
  ],
  [
    [90002, 900021, 900023, 9001023],
    'The tenant is not known: check the tenant id of the Azure connection, and that its environment is the cloud of the tenant.',
  ],
  [
    [500011, 500014],
    'The tenant does not know Azure Key Vault: check that tenant, environment of the connection and vault belong to the same cloud.',
  ],
  [
    [53003],
    'Conditional Access for workload identities blocked it: ask its administrator to let the application in from the address of this agent.',
  ],
  [[50196, 90055], 'Entra slows this application down: run fewer rotations at once.'],
];

/** When the code is unknown: by the OAuth error. */
const BY_ERROR: Readonly<Record<string, string>> = {
  invalid_client: 'Check secret or federated credential of the application behind the Azure connection.',
  unauthorized_client: 'Check application id and tenant id of the Azure connection.',
  invalid_scope: 'Check that the environment of the Azure connection is the cloud of the key vault.',
  invalid_resource: 'Check that the environment of the Azure connection is the cloud of the key vault.',
};

/** What to do when Entra refuses the application behind an Azure Resource Manager connection. */
export function appRepair(error: string, codes: readonly number[]): string {
  for (const code of codes) {
    const hint = HINTS.find(([known]) => known.includes(code));
    if (hint !== undefined) return hint[1];
  }
  return BY_ERROR[error] ?? 'Edit the Azure connection and let Azure Pipelines verify it.';
}
