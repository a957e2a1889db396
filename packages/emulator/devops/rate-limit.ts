import { headerOf, type Call } from '../http/call.js';
import type { Headers, Reply } from '../http/reply.js';
import type { Operation } from '../http/router.js';
import { tooManyRequests } from './refusals.js';
import type { Manners } from './manners.js';

/** What the limit makes of a request: a refusal, or headers for its answer. */
export type Admission =
  { readonly refusal: Reply } | { readonly refusal?: undefined; readonly headers: Headers };

/** Counts the requests of each credential. A blocked request does not count. */
export class RateLimiter {
  readonly #times = new Map<string, number[]>();

  constructor(
    private readonly clock: () => Date,
    private readonly manners: Manners,
  ) {}

  admit(operation: Operation, call: Call): Admission {
    const limit = this.manners.rateLimit;
    // Entra has limits of its own.
    if (!limit || operation === 'entra.token') return { headers: {} };
    const { requests, seconds = 300, slowed = Math.ceil(requests / 10), retryAfterSeconds = 1 } = limit;
    const window = seconds * 1000;
    const now = this.clock().getTime();
    const times = this.#timesOf(headerOf(call, 'authorization') ?? '', now - window);
    const oldest = times[0] ?? now;
    if (times.length >= requests)
      return { refusal: tooManyRequests(Math.max(1, Math.ceil((oldest + window - now) / 1000)), requests) };
    times.push(now);
    const remaining = requests - times.length;
    return {
      headers: {
        'X-RateLimit-Resource': 'Core',
        'X-RateLimit-Limit': String(requests),
        'X-RateLimit-Remaining': String(remaining),
        'X-RateLimit-Reset': String(Math.ceil((now + window) / 1000)),
        ...(remaining < slowed
          ? { 'X-RateLimit-Delay': retryAfterSeconds.toFixed(3), 'Retry-After': String(retryAfterSeconds) }
          : {}),
      },
    };
  }

  /** When this credential asked, since then, oldest first. */
  #timesOf(credential: string, since: number): number[] {
    const recent = (this.#times.get(credential) ?? []).filter(time => time > since);
    this.#times.set(credential, recent);
    return recent;
  }
}
