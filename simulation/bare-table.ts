/** What `cli-table3` is to a log, without layout: laying out tables took a tenth of a life. */
export default class BareTable {
  readonly #head: readonly string[];
  readonly #rows: (readonly string[])[] = [];

  constructor({ head }: { readonly head: readonly string[] }) {
    this.#head = head;
  }

  push(...rows: readonly (readonly string[])[]): void {
    this.#rows.push(...rows);
  }

  toString(): string {
    return [this.#head, ...this.#rows].map(row => row.join('  ')).join('\n');
  }
}
