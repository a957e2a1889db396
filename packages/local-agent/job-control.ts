/** What happened to a job from outside; later words are stronger. */
export type JobState = 'running' | 'canceled' | 'agent shutdown' | 'worker killed';

const strength: readonly JobState[] = ['running', 'canceled', 'agent shutdown', 'worker killed'];

/** Lets a test, or a person at the terminal, do to a running job what Azure DevOps or the machine may do. */
export class JobControl {
  readonly #stateListeners = new Set<(state: JobState) => void>();
  readonly #signalListeners = new Set<(signal: NodeJS.Signals) => void>();
  #state: JobState = 'running';

  get state(): JobState {
    return this.#state;
  }

  /** A person cancels the run: steps stop unless they are `always()`, post-jobs run. */
  cancel(): void {
    this.#become('canceled');
  }

  /** The agent's service is stopped: the running step is ended, nothing else runs, post-jobs neither. */
  shutdownAgent(): void {
    this.#become('agent shutdown');
  }

  /** The machine is gone: children die at once, nothing runs or is cleaned any more. */
  killWorker(): void {
    this.#become('worker killed');
  }

  /** Sends a signal to the running step's process only; the job goes on by its rules. */
  killStep(signal: NodeJS.Signals): void {
    for (const listener of [...this.#signalListeners]) listener(signal);
  }

  /** Tells each change of state; returns the way to stop listening. */
  onState(listener: (state: JobState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Tells each `killStep`; returns the way to stop listening. */
  onSignal(listener: (signal: NodeJS.Signals) => void): () => void {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  }

  #become(state: JobState): void {
    if (strength.indexOf(state) <= strength.indexOf(this.#state)) return;
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }
}
