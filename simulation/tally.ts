/** How often what happened to the lives, so that one sees that the faults were there. */
export class Tally {
  readonly #counts = new Map<string, number>();

  count(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  add(other: readonly (readonly [string, number])[]): void {
    for (const [what, times] of other) this.count(what, times);
  }

  get entries(): [string, number][] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
