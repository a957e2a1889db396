import assert from 'node:assert/strict';
import { type Fault, fault, type OperationFilter } from '#emulator/index';

/** What has to come of it: a PAT that works, or a message that holds this. */
export type Outcome = 'issued' | RegExp;

export interface Case {
  readonly operation: OperationFilter;
  readonly title: string;
  readonly faults: readonly Fault[];
  readonly outcome: Outcome;
  /** Before these, so that the operation is asked for at all. */
  readonly first?: readonly (readonly [OperationFilter, Fault])[];
}

const refusal = { status: 403, typeKey: 'AccessCheckException', message: 'TF0815: The door is closed.' };
const never = 3600;

/** Every shape in which an answer can be no answer, told once. */
export function shapes(elsewhere: string): Record<string, Fault[]> {
  return {
    'asks to wait a second': [fault.throttled(1)],
    'is unavailable twice': [fault.unavailable(), fault.unavailable()],
    'is unavailable and says for how long': [fault.unavailable(503, 1)],
    'resets the connection before': [fault.resetBefore()],
    'resets the connection after': [fault.resetAfter()],
    'sends half an answer': [fault.truncated()],
    'sends a sign-in page': [fault.signIn()],
    'redirects to another host': [fault.redirect(elsewhere)],
    'says 401 and nothing else': [fault.unauthorized()],
    'sends an error behind a byte order mark': [fault.errorWithByteOrderMark(refusal)],
    'sends an error in a header': [fault.errorInHeader({ status: 403, message: refusal.message })],
    'sends a web page with 200': [fault.htmlInPlaceOfJson()],
    'sends 20 MB': [fault.huge()],
    'asks to wait for an hour': [fault.throttled(never), fault.throttled(never), fault.throttled(never)],
    'is unavailable for an hour': Array.from({ length: 5 }, () => fault.unavailable(503, never)),
  };
}

type Shape = keyof ReturnType<typeof shapes>;

/** Where one may ask again, what comes of each shape. */
const afterSignIn: Readonly<Record<Shape, Outcome>> = {
  'asks to wait a second': 'issued',
  'is unavailable twice': 'issued',
  'is unavailable and says for how long': 'issued',
  'resets the connection before': 'issued',
  'resets the connection after': 'issued',
  'sends half an answer': /authorityUrl|proxy/,
  'sends a sign-in page': /authorityUrl|proxy/,
  'redirects to another host': /authorityUrl|proxy/,
  'says 401 and nothing else': /authorityUrl|proxy/,
  'sends an error behind a byte order mark': /authorityUrl|proxy/,
  'sends an error in a header': /authorityUrl|proxy/,
  'sends a web page with 200': /authorityUrl|proxy/,
  'sends 20 MB': /authorityUrl|proxy/,
  'asks to wait for an hour': /later|fewer/,
  'is unavailable for an hour': /HTTP 503.*again/,
};

const afterCreate: Readonly<Record<Shape, Outcome>> = {
  'asks to wait a second': 'issued',
  'is unavailable twice': 'issued',
  'is unavailable and says for how long': 'issued',
  'resets the connection before': 'issued',
  'resets the connection after': 'issued',
  'sends half an answer': /proxy/,
  'sends a sign-in page': /HTTP 203.*vso\.pats_manage/,
  'redirects to another host': /redirect.*tenant/,
  'says 401 and nothing else': /HTTP 401.*vso\.pats_manage/,
  'sends an error behind a byte order mark': /TF0815: The door is closed\..*issuing user/,
  'sends an error in a header': /TF0815: The door is closed\..*issuing user/,
  'sends a web page with 200': /web page.*vso\.pats_manage|proxy/,
  'sends 20 MB': /1024 KB.*proxy/,
  'asks to wait for an hour': /TF400733.*[Ss]pread|rate limit/,
  'is unavailable for an hour': /HTTP 503.*status\.dev\.azure\.com/,
};

/** A new PAT is asked again until it works, whatever the answer, as long as time is left. */
const afterVerify: Readonly<Record<Shape, Outcome>> = {
  ...afterCreate,
  'sends half an answer': 'issued',
  'sends a sign-in page': 'issued',
  'redirects to another host': 'issued',
  'says 401 and nothing else': 'issued',
  'sends an error behind a byte order mark': 'issued',
  'sends an error in a header': 'issued',
  'sends a web page with 200': 'issued',
  'sends 20 MB': 'issued',
  'asks to wait for an hour': /HTTP 429.*verify: false/,
  'is unavailable for an hour': /HTTP 503.*verify: false/,
};

const expected: Readonly<Record<string, Readonly<Record<Shape, Outcome>>>> = {
  'entra.token': afterSignIn,
  'pats.create': afterCreate,
  connectionData: afterVerify,
};

const patTokenErrors: Readonly<Record<string, RegExp>> = {
  displayNameRequired: /displayName/,
  invalidDisplayName: /displayName/,
  invalidValidTo: /validFor/,
  invalidScope: /scopes/,
  userIdRequired: /user/,
  invalidUserId: /user/,
  invalidUserType: /user/,
  accessDenied: /Basic/,
  invalidClient: /clientId/,
  invalidClientType: /clientId/,
  invalidClientId: /clientId/,
  invalidTargetAccounts: /member/,
  hostAuthorizationNotFound: /PAT/,
  authorizationNotFound: /PAT/,
  failedToUpdateAccessToken: /again/,
  sourceNotSupported: /network|address/,
  invalidSourceIP: /address/,
  invalidSource: /network|address/,
  duplicateHash: /again/,
  sshPolicyDisabled: /SSH/,
  invalidToken: /PAT/,
  tokenNotFound: /PAT/,
  invalidAuthorizationId: /PAT/,
  globalPatPolicyViolation: /all organizations/,
  fullScopePatPolicyViolation: /Restrict full-scoped personal access token creation/,
  patLifespanPolicyViolation: /validFor/,
  invalidTokenType: /user/,
  invalidAudience: /Azure DevOps/,
  invalidSubject: /user/,
  deploymentHostNotSupported: /URL/,
  disablePatCreationPolicyViolation: /Restrict personal access token \(PAT\) creation.*allow list/,
  globalPATCreationBlocked: /all organizations/,
  expiredPatCannotBeExtended: /new one/,
  aReasonOfTomorrow: /administrator|API/,
};
/** The service's own trouble: one more attempt is made. */
const passing = ['failedToIssueAccessToken', 'failedToReadTenantPolicy', 'failedToReadOrgPolicy'];

export function answers(): Case[] {
  return Object.entries(expected).flatMap(([operation, outcomes]) =>
    Object.entries(outcomes).map(([title, outcome]) => ({
      operation: operationNamed(operation),
      title,
      faults: [],
      outcome,
    })),
  );
}

function operationNamed(name: string): OperationFilter {
  const known: readonly OperationFilter[] = ['entra.token', 'pats.create', 'connectionData'];
  return known.find(operation => operation === name) ?? assert.fail(name);
}

export function refusals(): Case[] {
  const create = { operation: 'pats.create' } as const;
  return [
    ...Object.entries(patTokenErrors).map(([reason, repair]) => ({
      ...create,
      title: `refuses with ${reason}`,
      faults: [fault.patTokenError(reason, 'Because.')],
      outcome: new RegExp(`${reason} \\(Because\\.\\).*${repair.source}`),
    })),
    ...passing.map((reason): Case => ({
      ...create,
      title: `refuses once with ${reason}`,
      faults: [fault.patTokenError(reason)],
      outcome: 'issued',
    })),
    ...passing.map(reason => ({
      ...create,
      title: `refuses twice with ${reason}`,
      faults: [fault.patTokenError(reason), fault.patTokenError(reason)],
      outcome: new RegExp(`${reason}.*again`),
    })),
    {
      ...create,
      title: 'refuses in the manner of its sibling, with 400 and the reason in the text',
      faults: [
        fault.error({
          status: 400,
          typeKey: 'SessionTokenCreateException',
          message: 'DisablePatCreationPolicyViolation',
        }),
      ],
      outcome: /allow list/,
    },
    {
      ...create,
      title: 'tells a service principal off',
      faults: [
        fault.error({
          status: 403,
          typeKey: 'InvalidAccessException',
          message: 'Service principals are not allowed to perform this action.',
        }),
      ],
      outcome: /Service principals are not allowed.*[Oo]nly a user/,
    },
    {
      ...create,
      title: 'does not know the user',
      faults: [
        fault.error({
          status: 401,
          typeKey: 'UnauthorizedRequestException',
          message: "TF400813: The user 'x' is not authorized to access this resource.",
        }),
      ],
      outcome: /TF400813.*access level Basic/,
    },
    {
      ...create,
      title: 'is guarded by Conditional Access',
      faults: [
        fault.errorInHeader({ status: 401, message: 'VS403463: The conditional access policy has failed.' }),
      ],
      outcome: /VS403463.*Conditional Access/,
    },
    {
      ...create,
      title: 'grants more scopes than asked',
      faults: [fault.granting({ scope: 'vso.code_full' })],
      outcome: /more than was asked.*vso\.code_full/,
    },
    {
      ...create,
      title: 'grants every scope',
      faults: [fault.granting({ scope: 'app_token' })],
      outcome: /more than was asked.*app_token/,
    },
    {
      ...create,
      title: 'says success and gives nothing',
      faults: [fault.patTokenError('none')],
      outcome: /PAT API.*(?:proxy|report)/,
    },
  ];
}

/** The answer to the create got lost, and looking for its PAT has trouble of its own. */
export function recoveries(): Case[] {
  const lost = { operation: 'pats.list', first: [['pats.create', fault.resetAfter()]] } as const;
  const troubled = (title: string, outcome: Outcome): Case => ({ ...lost, title, faults: [], outcome });
  return [
    troubled('asks to wait a second', 'issued'),
    troubled('is unavailable twice', 'issued'),
    troubled('resets the connection before', 'issued'),
    troubled('sends half an answer', 'issued'),
    troubled('sends 20 MB', 'issued'),
    troubled('sends a sign-in page', /vso\.pats_manage/),
    troubled('redirects to another host', /redirect/),
    troubled('says 401 and nothing else', /vso\.pats_manage/),
    troubled('sends an error behind a byte order mark', /TF0815/),
    troubled('sends a web page with 200', /vso\.pats_manage|proxy/),
  ];
}
