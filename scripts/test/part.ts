/** What came of one part of the tests. */
export interface Result {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  /** Why each test that did not run did not, one entry a test. */
  readonly skipped: readonly string[];
  /** Lines that belong under the part's name in the list at the end. */
  readonly notes?: readonly string[];
}

/** One part of the tests, under way: everything it prints goes through here. */
export interface Screen {
  write(text: string): void;
  /** A word for somebody who waits: "1,200 passed". */
  stands(text: string): void;
}

export interface Part {
  readonly name: string;
  readonly run: (screen: Screen) => Promise<Result>;
}

/** A check that passes or fails as a whole. */
export function whole(name: string, good: boolean): Result {
  return { name, passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: [] };
}
