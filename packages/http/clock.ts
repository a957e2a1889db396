/** Time, handed in so that a test decides what time it is. */
export interface Clock {
  now(): Date;
  /** Resolves after the given milliseconds. */
  wait(milliseconds: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  wait: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
};
