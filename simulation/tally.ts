/** How often what happened to the lives, so that one sees that the faults were there. */
export class Tally {
  readonly #counts = new Map<string, number>();

  count(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  times(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  add(other: Tally): void {
    for (const [what, times] of other.#counts) this.count(what, times);
  }

  /** What another thread counted. */
  static of(entries: readonly (readonly [string, number])[]): Tally {
    const tally = new Tally();
    for (const [what, times] of entries) tally.count(what, times);
    return tally;
  }

  get entries(): [string, number][] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
