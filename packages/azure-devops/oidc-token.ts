import type { TaskHubOidcToken } from 'azure-devops-node-api/interfaces/TaskAgentInterfaces.js';
import { Failure, type FailureTopic } from '#advice/failure';
import { FEDERATION_ADVICE, type FederationCode } from '#advice/federation';
import type { Http } from '#http/http';
import { retry, type RetryPolicy } from '#http/retry';
import { asText, type JsonObject, type Unparsed } from '#text/json';
import { sanitize } from '#text/sanitize';
import { clause } from '#text/sentence';
import { sendTo } from './client.js';
import { bearer } from './identity.js';
import type { OidcRequest } from './oidc-request.js';
import { saying } from './responses.js';

/** Real ones have about 1,000 characters. */
const LONGEST_TOKEN = 32 * 1024;

/**
 * The OIDC token of a service connection (facts: Azure Pipelines OIDC token), asked for with the job's own token; good for
 * some minutes. Masked before anything else is done with it. What may pass is asked again, as the policy allows.
 *
 * @throws Failure `federation-refused`, `service-unreachable` and its like; each says that it was about this token
 */
export function requestOidcToken(
  http: Http,
  { url, jobToken, connectionId }: OidcRequest,
  mask: (secret: string) => void,
  policy: RetryPolicy,
): Promise<string> {
  const identity = bearer('job', jobToken);
  const wire = { http, clock: policy.clock };
  const where = new URL(url).host;
  const refused = (code: FederationCode, reason: string) =>
    oidcTokenError('federation-refused', connectionId, reason, FEDERATION_ADVICE[code]);
  return retry<string>(policy, async within => {
    const reply = await sendTo(url, { method: 'POST', body: {} }, identity, wire, within);
    switch (reply.kind) {
      case 'json': {
        const { oidcToken }: Unparsed<TaskHubOidcToken> = reply.value;
        const token = asText(oidcToken) ?? '';
        if (token.length > LONGEST_TOKEN)
          throw refused('not-given', `${where} answered with one of ${Math.round(token.length / 1024)} KB.`);
        maskToken(token, mask);
        // Some refusals are a list whose only entry is a text (dotnet/docker-tools#2012).
        if (token === '') throw refused('not-given', `${where} answered without one${valueIn(reply.value)}.`);
        if (!/^[\x21-\x7e]+$/.test(token))
          throw refused('not-given', `${where} answered with something that is no token.`);
        return { done: token };
      }
      case 'later':
      case 'unclear': {
        const { topic, what, repair } = reply.failure;
        const failure = oidcTokenError(topic, connectionId, what, repair);
        // An answer that is larger than any real one stays so, and one that is no JSON is no fault that passes.
        if (topic === 'answer-too-large' || topic === 'answer-not-json') throw failure;
        return { later: failure, wait: reply.wait };
      }
      case 'empty':
        throw refused('not-given', `${where} answered without one.`);
      case 'refused':
        throw refused('not-given', `${where} answered ${saying(reply)}.`);
      case 'denied':
        throw refused('job-not-accepted', reply.failure.what);
    }
  });
}

function valueIn({ value }: JsonObject): string {
  const text = clause(sanitize(asText(value) ?? ''));
  return text === '' ? '' : `: ${text}`;
}

/**
 * A token with its claims and its signature, each of which is secret also where somebody shows it alone. What comes before
 * them says only how it was signed.
 */
export function maskToken(token: string, mask: (secret: string) => void): void {
  for (const line of token.split(/[\r\n]+/)) if (line !== '') mask(line);
  for (const part of token.split('.').slice(1)) if (part.length >= SHORTEST_PART) mask(part);
}

const SHORTEST_PART = 20;

function oidcTokenError(topic: FailureTopic, connectionId: string, reason: string, repair: string): Failure {
  const what = `No OIDC token for service connection ${connectionId}, asked for with the token of this job: ${reason}`;
  return new Failure(topic, what, repair);
}
