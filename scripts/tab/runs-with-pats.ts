import type { Build, Emulator } from '#emulator/index';
import type { Step, StepDetail } from '#emulator/runs/run';
import { patEventName, patEventType, type PatEvent } from '#pat/pat-event';

const tasks = {
  issue: { id: '5a3f1c52-9d0e-4c3b-8a57-6c1de0b7f2a4', name: 'IssuePat' },
  revoke: { id: 'c7d0a6e4-2b1f-4f0e-9a3c-5d8e7b6a1f90', name: 'RevokePat' },
} as const;

/** What a step tells of a PAT, so many seconds after the run began. */
export interface Told {
  readonly event: PatEvent;
  readonly after: number;
  readonly detail?: string;
}

export interface PatOfRun {
  readonly name: string;
  readonly organization?: string;
  readonly authorizationId?: string;
  /** Seconds after the run began; undefined: nobody knows. */
  readonly validFor?: number;
}

/** The display name of a PAT of a job. */
export function jobPatName(label: string, nonce: string): string {
  return `${label} job-pat:build/6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b/4711/12f1170f/${nonce}`;
}

let lastId = 0;
const nextId = (): string => `5e0c0000-0000-4000-8000-${(++lastId).toString().padStart(12, '0')}`;

/** A run whose steps told of PATs with `task.logdetail`, as the service keeps it. */
export class RunWithPats {
  readonly #steps: Step[] = [];

  constructor(
    private readonly emulator: Emulator,
    private readonly start = new Date('2026-11-25T14:00:00Z'),
  ) {}

  step(name: string, task: keyof typeof tasks, pat: PatOfRun, ...told: readonly Told[]): this {
    const at = (seconds: number): Date => new Date(this.start.getTime() + seconds * 1000);
    const { organization = 'contoso', authorizationId, validFor, name: displayName } = pat;
    const validTo = validFor === undefined ? undefined : at(validFor);
    const details = told.map(({ event, after, detail = '' }): StepDetail => ({
      id: nextId(),
      type: patEventType(event),
      name: patEventName({ organization, authorizationId, validTo, displayName }),
      startTime: at(after),
      finishTime: at(after),
      result: event === 'remains' ? 'failed' : 'succeeded',
      currentOperation: detail === '' ? undefined : detail,
    }));
    this.#steps.push({
      id: nextId(),
      name,
      task: tasks[task],
      result: 'succeeded',
      startTime: at(told[0]?.after ?? 0),
      finishTime: at(told.at(-1)?.after ?? 0),
      details,
    });
    return this;
  }

  add(status: Build['status'] = 'completed'): Build {
    return this.emulator.runs.addBuild({
      status,
      queueTime: this.start,
      jobs: [{ name: 'Mirror', steps: this.#steps }],
    });
  }
}
