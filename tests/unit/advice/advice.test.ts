import assert from 'node:assert/strict';
import { askers, type Asker } from '#advice/asker';
import { entraReason, knownCodes } from '#advice/entra-codes';
import { ENTRA_ADVICE, signInAskers, type EntraReason } from '#advice/entra';
import { federatedAdvice } from '#advice/entra-federation';
import { learnFederatedAdvice } from '#advice/sign-in';
import { patTokenErrors } from '#advice/pat-errors';
import { requestCodes } from '#advice/request';
import { serviceCodes } from '#advice/service';
import { pipelineAdvice } from '#advice/pipeline';
import type { Situation } from '#advice/situation';
import { terminalAdvice } from '#advice/terminal';
import { parseResponse, refusal, type ApiResponse } from '#azure-devops/responses';
import { isAboutPermission } from '#azure-devops/refusals';
import type { Failure } from '#advice/failure';

const entraReasons = Object.keys(ENTRA_ADVICE) as EntraReason[];

/** Every situation that there is. */
const situations: readonly Situation[] = [
  ...serviceCodes.flatMap(code => askers.map(asker => ({ about: 'service', code, asker }) as const)),
  ...requestCodes.map(code => ({ about: 'request', code }) as const),
  ...entraReasons.flatMap(code =>
    signInAskers.flatMap(asker =>
      [undefined, 999_999].map(unknown => ({ about: 'entra', code, asker, unknown }) as const),
    ),
  ),
  ...[...patTokenErrors, undefined].map(code => ({ about: 'pat', code }) as const),
];

const nameOf = (situation: Situation): string => Object.values(situation).join(' ');

/** What a person at a terminal has nothing to do with. */
const PIPELINE_WORDS =
  /\bagents?\b|\bpipelines?\b|\btasks?\b|\binputs?\b|\bjobs?\b(?!-pat)|validFor|displayName|\bYAML\b|adminToken|System\.|in the service connection\b|clientId|tenantId|authorityUrl|Azure connection|--proxyurl|--sslcacert|verify: false/;
/** What a person who reads the log of a pipeline has not got. */
const TERMINAL_WORDS =
  /--(?:organization|client-id|tenant|client-secret|refresh-token|authority-url|project|debug)\b|job-pat |HTTPS?_PROXY|NODE_EXTRA_CA_CERTS|this machine|this command|terminal/;
/** Words of one identity that mean nothing to another one. */
const WORDS_OF: Readonly<Record<Asker, RegExp>> = {
  'issuing-user': /issuing user\b|refresh token/,
  job: /build service|token of the job/,
  administrator: /adminToken|the administrator whose token/,
  'azure-application': /Azure connection/,
  pat: /this PAT\b|The PAT is revoked/,
};
/** A PAT is that of the issuing user. */
const ALSO: Readonly<Partial<Record<Asker, readonly Asker[]>>> = { pat: ['issuing-user'] };

describe('What to do', () => {
  before(() => {
    learnFederatedAdvice(federatedAdvice);
  });

  it('is said in every situation, as sentences, for a pipeline and for a terminal', () => {
    for (const situation of situations) {
      for (const text of [pipelineAdvice(situation), terminalAdvice(situation)]) {
        assert.match(text, /^[A-Z"].{10,}[.!]$/s, `${nameOf(situation)}: ${text}`);
        assert.doesNotMatch(
          text,
          /\.\.(?!\.)|\s[.,;](?:\s|$)|\s\s|,,|undefined/,
          `${nameOf(situation)}: ${text}`,
        );
      }
    }
  });

  it('never speaks of pipelines to a person at a terminal, nor of a terminal in the log of a pipeline', () => {
    for (const situation of situations) {
      assert.doesNotMatch(terminalAdvice(situation), PIPELINE_WORDS, nameOf(situation));
      assert.doesNotMatch(pipelineAdvice(situation), TERMINAL_WORDS, nameOf(situation));
    }
  });

  it('never speaks of a stored secret to an agent’s user, of whom nothing is stored', () => {
    for (const situation of situations) {
      if (situation.about !== 'entra' || !situation.asker.startsWith('agent-')) continue;
      assert.doesNotMatch(
        pipelineAdvice(situation),
        /refresh token|client secret|issuing user/,
        nameOf(situation),
      );
    }
  });

  it('never says to store or to clear a client secret where the application has none', () => {
    for (const situation of situations) {
      if (situation.about !== 'entra' || situation.asker !== 'federated-user') continue;
      assert.doesNotMatch(pipelineAdvice(situation), /client secret/, nameOf(situation));
    }
  });

  it('is never about another identity than the one that asked', () => {
    for (const situation of situations) {
      if (situation.about !== 'service') continue;
      const { asker } = situation;
      for (const other of askers.filter(other => other !== asker && ALSO[asker]?.includes(other) !== true)) {
        const text = pipelineAdvice(situation);
        // A user is told what cannot be one: that names the others.
        if (situation.code === 'users-only') continue;
        assert.doesNotMatch(text, WORDS_OF[other], `${nameOf(situation)}: ${text}`);
      }
    }
  });
});

describe('A code of Entra', () => {
  it('stands in the list once', () => {
    const all = knownCodes.flatMap(([, codes]) => codes);
    assert.equal(new Set(all).size, all.length);
  });

  for (const [code, advice] of [
    [50097, /device/],
    [50105, /not assigned to the application/],
    [50129, /device/],
    [50155, /device/],
    [50158, /Multi-factor/],
    [500021, /tenant restrictions/],
    [500213, /Cross-tenant/],
    [50131, /Conditional Access/],
    [650056, /vso\.pats/],
    [7000112, /disabled/],
    [90038, /another cloud/],
    [40008, /identity provider/],
    [53011, /risk/],
    [90033, /passes/],
  ] as const) {
    it(`AADSTS${code} has advice of its own, which is not to renew the refresh token`, () => {
      const reason = entraReason('invalid_grant', [code]);
      const text = pipelineAdvice({ about: 'entra', asker: 'issuing-user', ...reason });
      assert.match(text, advice);
      assert.doesNotMatch(text, /refresh token is not|refresh token has/);
    });
  }

  it('that nobody knows is for the reader to look up', () => {
    for (const error of ['invalid_grant', 'something_new']) {
      const situation = {
        about: 'entra',
        asker: 'issuing-user',
        ...entraReason(error, [999_999]),
      } as const;
      for (const text of [pipelineAdvice(situation), terminalAdvice(situation)])
        assert.match(
          text,
          /does not know AADSTS999999; https:\/\/login\.microsoftonline\.com\/error\?code=999999/,
        );
    }
  });

  it('is never taken from the prototype of a table', () => {
    assert.equal(entraReason('constructor', []).code, 'unknown');
  });
});

const now = new Date('2026-03-01T10:00:00Z');
const ACTIVITY = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

function answered(
  status: number,
  message: string,
  asker: Asker,
  headers: Record<string, string> = {},
): ApiResponse {
  const body = message === '' ? '' : `\uFEFF${JSON.stringify({ message, typeKey: 'X' })}`;
  const json = { 'content-type': 'application/json', activityid: ACTIVITY, ...headers };
  return parseResponse({ status, headers: json, body }, 'dev.azure.com', now, asker);
}

function failureIn(reply: ApiResponse): Failure {
  if (reply.kind === 'refused') return refusal('contoso', reply);
  if ('failure' in reply) return reply.failure;
  throw new assert.AssertionError({ message: `${reply.kind} is no failure` });
}

describe('A missing right', () => {
  const about = (status: number, text: string, typeKey = ''): boolean =>
    isAboutPermission({ kind: 'refused', status, text, typeKey, activity: '', asker: 'job' });

  it('is told by status, type or words', () => {
    assert.ok(about(403, ''));
    assert.ok(about(400, 'No.', 'AccessDeniedException'));
    assert.ok(about(400, 'You do not have the permission to do this.'));
  });

  it('is not what a field or a conflict is refused for', () => {
    assert.ok(!about(400, 'The length of description must be less than 1024; see authorization and access.'));
    assert.ok(!about(400, 'Project information name is not valid for variable group.'));
    assert.ok(!about(409, 'The variable group was changed by an administrator.'));
  });
});

/** Something to do, and not only a reason. */
const TO_DO =
  /(?:^|[.:;] )(?:Add|Ask|Check|Give|Install|Let|Look|Run|Sign in|Spread|\S+ .*go by|.*report this)\b/;

describe('A refusal of Azure DevOps', () => {
  const refusals = [
    [401, ''],
    [401, "TF400813: The user '' is not authorized to access this resource."],
    [401, "TF400813: The user 'Build\\1f' is not authorized to access this resource."],
    [302, ''],
    [400, 'Something about a field.'],
    [403, 'TF215106: Access denied.'],
    [403, ''],
    [400, ''],
    [404, 'Nothing here.'],
    [429, 'TF400733: The request has been canceled.'],
  ] as const;

  for (const [status, text] of refusals) {
    for (const asker of askers) {
      it(`${status} "${text}" to the ${asker} is explained as its own`, () => {
        const { what, repair, situation } = failureIn(answered(status, text, asker));
        assert.ok(situation?.about === 'service');
        assert.equal(situation.asker, asker);
        assert.doesNotMatch(what, /issuing user|Entra token/);
        assert.match(repair, TO_DO);
        assert.doesNotMatch(repair, /activity id(?! where)/, 'an id that the answer may not have');
        if (text === '') assert.doesNotMatch(repair, /the service (?:names|tells)|it names/);
        const atTerminal = terminalAdvice(situation);
        assert.match(atTerminal, TO_DO);
        assert.doesNotMatch(
          atTerminal,
          asker === 'administrator' ? PIPELINE_WORDS : /administrator who signed in/,
        );
        for (const other of askers.filter(other => other !== asker && ALSO[asker]?.includes(other) !== true))
          assert.doesNotMatch(repair, WORDS_OF[other]);
      });
    }
  }

  it('with TF400813 about nobody is a sign-in that is not accepted, not a user to be added', () => {
    for (const user of ['', ' ', 'Anonymous', 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa']) {
      const text = `TF400813: The user '${user}' is not authorized to access this resource.`;
      const { topic, repair } = failureIn(answered(401, text, 'issuing-user'));
      assert.equal(topic, 'sign-in-page');
      assert.doesNotMatch(repair, /Add the issuing user/);
    }
    assert.equal(
      failureIn(answered(401, 'TF400813: Resource not available for anonymous access.', 'job')).topic,
      'sign-in-page',
    );
  });

  it('with TF400813 and a name is a user to be added, whatever the status', () => {
    for (const status of [400, 401, 403])
      assert.match(
        failureIn(
          answered(status, "TF400813: The user 'erika@contoso.com' is not authorized.", 'issuing-user'),
        ).repair,
        /Add the issuing user/,
      );
  });

  it('with VS403463 is Conditional Access, also with 403', () => {
    for (const status of [400, 401, 403])
      assert.match(
        failureIn(answered(status, 'VS403463: The policy has failed.', 'pat')).repair,
        /Conditional Access/,
      );
  });

  it('with TF400898 is a request that could not be read, and no missing right', () => {
    const { topic, what, repair } = failureIn(
      answered(400, 'TF400898: An Internal Error Occurred.', 'issuing-user'),
    );
    assert.equal(topic, 'request-refused');
    assert.match(what, new RegExp(ACTIVITY));
    assert.doesNotMatch(repair, /may do|permission|role/);
  });

  it('with TF400898 and 5xx is a fault of the service, after which a PAT may have been made', () => {
    assert.equal(answered(500, 'TF400898: An Internal Error Occurred.', 'issuing-user').kind, 'unclear');
  });

  it('is understood where it is plain text, or a page without the header that repeats it', () => {
    const said = 'TF24668: The following team project collection is stopped: contoso.';
    for (const [type, body] of [
      ['text/plain', `\uFEFF${said}`],
      ['text/html', `<!DOCTYPE html><html><body><p>${said}</p></body></html>`],
    ] as const) {
      const answer = { status: 503, headers: { 'content-type': type }, body };
      const reply = parseResponse(answer, 'dev.azure.com', new Date(), 'issuing-user');
      assert.equal(failureIn(reply).topic, 'organization-deactivated', type);
      assert.match(failureIn(reply).what, /TF24668: The following/);
    }
  });

  it('shows no page of its own, and no text of an answer that is none', () => {
    const answer = { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>Look here</html>' };
    assert.doesNotMatch(failureIn(parseResponse(answer, 'x.example', new Date(), 'job')).what, /Look/);
  });

  it('with TF24668 is final, whatever the status', () => {
    for (const status of [503, 500, 403]) {
      const reply = answered(
        status,
        'TF24668: The following team project collection is stopped: contoso.',
        'job',
      );
      assert.equal(reply.kind, 'denied');
      assert.equal(failureIn(reply).topic, 'organization-deactivated');
      assert.match(failureIn(reply).repair, /running again does not help/);
    }
  });

  it('that slows down is one by its status or its words, and says when it counted nobody', () => {
    const anonymous =
      "Request was blocked due to exceeding usage of resource 'Count' in namespace 'AnonymousId'.";
    for (const status of [429, 403, 503]) {
      const reply = answered(status, anonymous, 'issuing-user', { 'retry-after': '7' });
      assert.deepEqual([reply.kind, 'wait' in reply && reply.wait], ['later', 7_000]);
      assert.match(failureIn(reply).repair, /as one of nobody/);
      assert.doesNotMatch(failureIn(reply).repair, /issuing user/);
    }
  });

  it('for a reason that nobody knows shows what the service said, and its activity id', () => {
    for (const name of ['activityid', 'x-vss-e2eid']) {
      const reply = answered(400, 'VS999999: No.', 'job', { activityid: '', [name]: ACTIVITY });
      const { topic, what, repair } = failureIn(reply);
      assert.equal(topic, 'request-refused');
      assert.match(what, new RegExp(`VS999999: No\\. Activity id ${ACTIVITY}\\.$`));
      assert.match(repair, /does not know this reason/);
    }
  });

  it('takes no activity id that is none', () => {
    const reply = answered(400, 'No.', 'job', { activityid: '##vso[task.complete]' });
    assert.doesNotMatch(failureIn(reply).what, /vso|[Aa]ctivity/);
  });

  it('reads as sentences, whatever the service said', () => {
    for (const text of ['', 'Why?', 'No..', 'No .', 'No', 'No: ', 'No!', 'and so on…', 'a\r\nb.']) {
      for (const status of [302, 400, 401, 403, 404, 429, 500]) {
        const { message } = failureIn(answered(status, text, 'issuing-user'));
        assert.doesNotMatch(message, /\.\.|\s[.,)]|[?!…]\.|\s\s|: \./, message);
      }
    }
  });
});
