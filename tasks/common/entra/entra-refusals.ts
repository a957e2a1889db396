/** AADSTS codes by what a person has to do (facts: Entra error shape). Codes only choose the hint. */
const HINTS: readonly (readonly [codes: readonly number[], hint: string])[] = [
  [
    [50076, 50079, 50072, 50074, 50078],
    'Multi-factor sign-in is asked for: sign the issuing user in anew with it and store the new refresh token in the service connection.',
  ],
  [
    [53003],
    'Conditional Access blocked it: ask its administrator to let the issuing user reach Azure DevOps from the address of this agent.',
  ],
  [
    [53000, 53001, 530032, 530035],
    'A device or security policy of the tenant blocked it: run on an agent that complies, or exempt the issuing user.',
  ],
  [
    [65001, 90094, 90095, 65004],
    'Consent is missing: let an administrator grant the application vso.pats and vso.pats_manage of Azure DevOps, then sign the issuing user in anew.',
  ],
  [
    [65002],
    'This is an application of Microsoft that is not allowed here: register one of your own and put its id in clientId.',
  ],
  [
    [650053, 70011, 28002],
    'The application does not have vso.pats and vso.pats_manage: add both as delegated permissions of Azure DevOps.',
  ],
  [
    [700082, 70008],
    'The refresh token has expired, 90 days after it was issued: sign the issuing user in anew and store the new one in the service connection.',
  ],
  [
    [700084],
    'The refresh token was issued to a single-page application and ends after 24 hours for good: give the application the platform "Mobile and desktop" or "Web", then sign the issuing user in anew.',
  ],
  [
    [70043],
    'The sign-in frequency of Conditional Access ended the refresh token: sign in anew, or relax it for the issuing user.',
  ],
  [
    [70000, 50173, 50132, 50133],
    'The refresh token is not valid any more (revoked, or the password changed): sign the issuing user in anew and store the new one in the service connection.',
  ],
  [
    [50126, 50034, 50055, 50056, 50057, 50053],
    'The account of the issuing user does not work (password, expired, disabled or locked): repair it, then sign in anew.',
  ],
  [[7000215], 'The client secret is wrong: store its value, not its id, in the service connection.'],
  [[7000222], 'The client secret has expired: make a new one and store it in the service connection.'],
  [
    [7000218],
    'The application wants a client secret: store one in the service connection, or switch on "Allow public client flows".',
  ],
  [
    [700025],
    'This is a public client, which has no secret: clear the client secret in the service connection, or use the Web platform.',
  ],
  [
    [700016],
    'The application is not known in this tenant: check clientId and tenantId in the service connection.',
  ],
  [[90002, 900021, 900023], 'The tenant is not known: check tenantId in the service connection.'],
  [[50020], 'The issuing user is not known in this tenant: check tenantId in the service connection.'],
  [[9001023], 'This needs the id of your tenant: check tenantId in the service connection.'],
  [[50196, 90055], 'Entra slows this application down: issue fewer PATs, for instance one for a job.'],
];

/** When the code is unknown: by the OAuth error. */
const BY_ERROR: Readonly<Record<string, string>> = {
  invalid_grant:
    'The refresh token is not accepted: sign the issuing user in anew and store the new one in the service connection.',
  interaction_required:
    'Entra wants the issuing user to sign in with a browser: do so and store the new refresh token.',
  consent_required:
    'Let an administrator grant the application vso.pats and vso.pats_manage of Azure DevOps.',
  invalid_client: 'Check clientId and the client secret in the service connection.',
  unauthorized_client: 'Check clientId and tenantId in the service connection.',
  invalid_scope: 'Add vso.pats and vso.pats_manage of Azure DevOps to the application.',
};

/** What to do about a refusal. */
export function entraRepair(error: string, codes: readonly number[]): string {
  for (const code of codes) {
    const hint = HINTS.find(([known]) => known.includes(code));
    if (hint !== undefined) return hint[1];
  }
  return BY_ERROR[error] ?? 'Check tenantId, clientId and the refresh token in the service connection.';
}
