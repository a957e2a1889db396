import type { EntraReason } from './entra.js';

/**
 * AADSTS codes that a refresh, a sign-in by code or an application can be answered with, by what a person has to do
 * (Microsoft's reference of Entra error codes). A code only chooses the words; what the task does hangs on `error`.
 */
const CODES: readonly (readonly [reason: EntraReason, codes: readonly number[]])[] = [
  ['mfa', [50072, 50074, 50076, 50078, 50079, 50158, 50161, 53010]],
  ['conditional-access', [50131, 53003]],
  ['approved-app', [53002]],
  ['device', [50005, 50097, 50127, 50129, 50155, 50187, 53000, 53001, 130007, 130008, 135011]],
  ['security-policy', [530032, 530035]],
  ['risk', [53004, 53011, 530034]],
  ['consent', [65001, 65004, 90008, 90094, 90095, 90099, 9002341]],
  ['first-party', [65002]],
  ['permissions', [28002, 28003, 65005, 70011, 650053, 650056, 650057, 700022, 700023]],
  ['resource-unknown', [50001, 500011, 500014, 650052, 650054]],
  ['token-expired', [70008, 700082]],
  ['single-page', [700084]],
  ['sign-in-frequency', [70043]],
  ['token-revoked', [50085, 50089, 50132, 50133, 50139, 50173, 70000, 140001]],
  [
    'account',
    [
      50015, 50034, 50053, 50055, 50056, 50057, 50064, 50125, 50126, 50135, 50144, 54000, 80012, 120014,
      120015,
    ],
  ],
  ['user-unknown', [16000, 16003, 50014, 50020, 50197, 51004, 90072, 90084, 500208]],
  ['not-assigned', [50105, 501051]],
  ['secret-wrong', [70002, 7000215]],
  ['secret-expired', [7000222]],
  ['secret-missing', [7000216, 7000218]],
  ['public-client', [700025]],
  ['application-unknown', [700011, 700016, 700028, 7000229]],
  ['application-disabled', [70001, 1000031, 7000112, 7000113]],
  ['tenant-unknown', [50128, 50059, 90002, 90019, 900021, 900023]],
  ['tenant-id-needed', [50194, 90124, 90130, 9001023, 9002332]],
  ['other-cloud', [90038, 90043, 90051, 900382, 900432, 1000104]],
  ['tenant-restricted', [50002, 500021, 500022]],
  ['cross-tenant', [500212, 500213]],
  ['identity-provider', [20001, 20012, 20033, 40008, 40009, 40015, 50008, 50107, 50192, 90123, 5000819]],
  ['on-premises', [80001, 80007, 80010, 80013, 80014, 81004, 81010]],
  ['interaction', [16001, 16002, 50058, 50136, 50140, 50143, 50168, 50180, 50199, 51006, 160021, 700020]],
  ['code-not-good', [50134, 70016, 70018, 70019, 90119, 90120]],
  ['no-federated-credential', [50048, 70021, 70025, 700211, 700213, 700221, 700229, 7002131]],
  ['subject-case', [7002137, 7002138]],
  ['audience', [700212]],
  ['single-tenant', [70052]],
  ['federation-forbidden', [700222, 700223, 700238]],
  ['assertion-time', [500133, 700024]],
  ['assertion-not-good', [50012, 50013, 50027, 700027, 700030, 900384]],
  ['not-issued', [50000]],
  ['throttled', [50196, 90055]],
  [
    'passing',
    [
      40010, 50033, 50087, 50088, 50166, 70012, 80002, 80005, 90006, 90012, 90024, 90033, 90090, 90091,
      501621,
    ],
  ],
  ['request', [50049, 70003, 90004, 90013, 90014, 90023, 90100, 90102, 900144, 900561, 901002, 9002313]],
];

/** When no code is known: by the OAuth error (RFC 6749 section 5.2). */
const BY_ERROR: Readonly<Record<string, EntraReason>> = {
  invalid_grant: 'grant',
  interaction_required: 'interaction',
  login_required: 'interaction',
  consent_required: 'consent',
  invalid_client: 'client',
  unauthorized_client: 'application',
  invalid_scope: 'permissions',
  invalid_resource: 'resource-unknown',
  invalid_request: 'request',
  unsupported_grant_type: 'request',
  temporarily_unavailable: 'passing',
};

/**
 * What a refusal is about.
 * @returns the code that decided, and whether it did: one that nobody knows is for the reader to look up
 */
export function entraReason(
  error: string,
  codes: readonly number[],
): { readonly code: EntraReason; readonly unknown: number | undefined } {
  for (const code of codes) {
    const known = CODES.find(([, list]) => list.includes(code));
    if (known !== undefined) return { code: known[0], unknown: undefined };
  }
  const code = Object.hasOwn(BY_ERROR, error) ? BY_ERROR[error] : undefined;
  return { code: code ?? 'unknown', unknown: codes[0] };
}

/** Every code that is known, for the pages and the tests. */
export const knownCodes: readonly (readonly [EntraReason, readonly number[]])[] = CODES;
