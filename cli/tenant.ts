import { DEFAULT_AUTHORITY, readAuthority } from '#entra/authority';
import type { Organization } from '#azure-devops/organization';
import { unreachable } from '#http/unreachable';
import { isLoopback } from '#http/hosts';
import { httpDate, HttpFault, isTransientStatus, retryAfter, type Http, type HttpAnswer } from '#http/http';
import { retry, timeLeft, type RetryPolicy } from '#http/retry';
import { Failure } from '#advice/failure';
import { asGuid } from '#text/json';

/** What an organization says of itself to somebody without a credential. */
export interface Greeting {
  /** Undefined: it does not say. */
  readonly tenantId: string | undefined;
  readonly authority: string | undefined;
  /** It says that it belongs to no Entra tenant. */
  readonly withoutTenant: boolean;
  /** The server's clock, when it tells. */
  readonly date: Date | undefined;
  /** When the answer was there, by the clock of this machine. */
  readonly heard: Date;
  /** Milliseconds between question and answer. */
  readonly took: number;
}

const REQUEST_TIMEOUT = 30_000;
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

/**
 * Asks an organization which tenant it belongs to: a HEAD without credentials is answered with the address of its
 * sign-in (`WWW-Authenticate: Bearer authorization_uri=...`), else `X-VSS-ResourceTenant` names it (facts 2.3).
 * The headers count, whatever the status: every recorded answer of an organization that exists is 404.
 * @throws Failure `organization-not-found`, `service-unreachable`
 */
export async function greet(organization: Organization, http: Http, policy: RetryPolicy): Promise<Greeting> {
  const where = new URL(organization.url).host;
  return retry<Greeting>(policy, async within => {
    const asked = within.clock.now();
    try {
      const timeout = timeLeft(within, REQUEST_TIMEOUT);
      const answer = await http({ method: 'HEAD', url: organization.url, headers: {}, timeout });
      const answered = policy.clock.now();
      if (introducesItself(answer)) return { done: readGreeting(answer, organization, asked, answered) };
      if (isTransientStatus(answer.status))
        return { later: notNow(where, answer.status), wait: retryAfter(answer, answered) };
      if (answer.status === 404) throw unknown(organization);
      return { done: readGreeting(answer, organization, asked, answered) };
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      if (error.kind === 'cancelled') throw new Failure('cancelled', 'Stopped.', '');
      if (error.kind === 'not-trusted' || error.kind === 'too-large') throw unreachable(where, error);
      return { later: unreachable(where, error) };
    }
  });
}

/** What only an organization says. */
function introducesItself({ headers }: HttpAnswer): boolean {
  return (
    headers['x-vss-resourcetenant'] !== undefined ||
    headers['x-vss-authorizationendpoint'] !== undefined ||
    AUTHORIZATION_URI.test(headers['www-authenticate'] ?? '')
  );
}

const AUTHORIZATION_URI = /authorization_uri\s*=\s*"?([^",\s]+)/i;

function readGreeting(
  { headers }: HttpAnswer,
  organization: Organization,
  asked: Date,
  heard: Date,
): Greeting {
  const uri = AUTHORIZATION_URI.exec(headers['www-authenticate'] ?? '')?.[1];
  const url = uri !== undefined && URL.canParse(uri) ? new URL(uri) : undefined;
  const named = asGuid(headers['x-vss-resourcetenant']);
  const tenantId = asGuid(url?.pathname.split('/')[1]) ?? (named === NO_TENANT ? undefined : named);
  return {
    tenantId,
    authority: url === undefined ? undefined : authorityOf(url, organization),
    withoutTenant: tenantId === undefined && named === NO_TENANT,
    date: httpDate(headers['date']),
    heard,
    took: heard.getTime() - asked.getTime(),
  };
}

/** An answer from the network does not send a sign-in to this machine, unless the organization is here too. */
function authorityOf(url: URL, organization: Organization): string | undefined {
  if (isLoopback(url) && !isLoopback(new URL(organization.url))) return undefined;
  return readAuthority(url.origin);
}

/**
 * Tenant and authority to sign in at: as told, else as the organization says.
 * @throws Failure `tenant-not-found`
 */
export function tenantOf(
  told: { readonly tenantId: string | undefined; readonly authority: string | undefined },
  greeting: Greeting,
  organization: Organization,
): { readonly tenantId: string; readonly authority: string } {
  const tenantId = told.tenantId ?? greeting.tenantId;
  if (tenantId === undefined) throw noTenant(greeting, organization);
  return { tenantId, authority: told.authority ?? greeting.authority ?? DEFAULT_AUTHORITY };
}

export function noTenant({ withoutTenant }: Greeting, { name }: Organization): Failure {
  return withoutTenant
    ? new Failure(
        'tenant-not-found',
        `${name} is not connected to Microsoft Entra.`,
        'Connect it (Organization settings, Microsoft Entra): without a tenant nobody can create PATs by program.',
      )
    : new Failure(
        'tenant-not-found',
        `${name} does not say to which Entra tenant it belongs.`,
        'Give it with --tenant; Organization settings, Microsoft Entra shows it.',
      );
}

function unknown({ name, url }: Organization): Failure {
  return new Failure(
    'organization-not-found',
    `There is no organization ${name}: ${url} is answered with HTTP 404, and without a word of its tenant.`,
    'Check --organization.',
  );
}

function notNow(where: string, status: number): Failure {
  return new Failure(
    'service-unavailable',
    `${where} answered HTTP ${status}.`,
    'This is a fault of the service or of a proxy; run again, and look at https://status.dev.azure.com.',
  );
}
