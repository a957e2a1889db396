/** What becomes of one more request: it waits so long, or comes back in so many seconds. */
export type Admitted = { readonly delay: number } | { readonly retryAfter: number };

const WINDOW = 5 * 60_000;
const LONGEST_DELAY = 30_000;

/**
 * The consumption limit of one user: so many units in a sliding window of five minutes (facts: rate limits). What is
 * published: requests beyond it are delayed first, by up to 30 s each, then refused with 429. Assumed: a request waits
 * for as long as the window has no room, and is refused when that is longer than 30 s; one that is refused costs nothing.
 */
export class Consumption {
  /** When requests counted, oldest first. */
  readonly #counted: number[] = [];

  /** @param budget units in the window @param cost units of one request */
  constructor(
    private readonly budget: number,
    private readonly cost: number,
  ) {}

  admit(now: number): Admitted {
    while ((this.#counted[0] ?? Infinity) <= now - WINDOW) this.#counted.shift();
    const most = Math.max(1, Math.floor(this.budget / this.cost));
    const beyond = this.#counted.length - most;
    if (beyond < 0) return this.#count(now);
    const room = (this.#counted[beyond] ?? now) + WINDOW;
    if (room - now > LONGEST_DELAY) return { retryAfter: Math.ceil((room - now) / 1000) };
    return this.#count(room, room - now);
  }

  #count(at: number, delay = 0): Admitted {
    this.#counted.push(at);
    return { delay };
  }
}
