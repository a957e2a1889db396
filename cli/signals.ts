/** What asks this process to end. */
const ASKING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGBREAK'] as const;

export type AskingSignal = (typeof ASKING)[number];

/**
 * The signals that ask the process to end. They stop what is under way, unless they are somebody else's business for a
 * while: those of a program that runs for the person.
 */
export class Signals {
  #owner: ((signal: AskingSignal) => void) | undefined;

  /**
   * @param stop what they do as a rule
   * @param from who tells of them
   */
  constructor(stop: () => void, from: Pick<NodeJS.EventEmitter, 'on'> = process) {
    for (const signal of ASKING) {
      from.on(signal, () => {
        if (this.#owner === undefined) stop();
        else this.#owner(signal);
      });
    }
  }

  /** From now on they go there. @returns what ends that */
  handOver(owner: (signal: AskingSignal) => void): () => void {
    this.#owner = owner;
    return () => {
      this.#owner = undefined;
    };
  }
}
