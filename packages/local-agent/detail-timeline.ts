import { parseTaskResult, type TaskResult } from './results.js';

const states = ['Pending', 'InProgress', 'Completed'] as const;
type RecordState = (typeof states)[number];

/** A record that a stage added to the run's timeline with `task.logdetail`. */
export interface DetailRecord {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly type: string;
  readonly name: string;
  readonly order: number | undefined;
  readonly startTime: Date;
  readonly finishTime: Date | undefined;
  readonly state: RecordState;
  readonly result: TaskResult | undefined;
  readonly percentComplete: number | undefined;
  readonly currentOperation: string | undefined;
}

/** What the steps of a job know together: a record that one stage made, another one may name again. */
export type KnownRecords = Map<string, { readonly parentId: string | undefined }>;

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const nobody = '00000000-0000-0000-0000-000000000000';

/** The timeline below one stage of a step: its records, made and changed by `task.logdetail` as the agent does it. */
export class DetailTimeline {
  readonly #records = new Map<string, DetailRecord>();

  constructor(private readonly known: KnownRecords) {}

  get records(): readonly DetailRecord[] {
    return [...this.#records.values()];
  }

  /** Throws what the agent would: without an id nothing, and a new record needs a name, a type and a known parent. */
  update(properties: ReadonlyMap<string, string>, data: string): void {
    const id = guidIn(properties, 'id');
    if (id === undefined || id === nobody)
      throw new Error('Cannot update timeline record, timeline record id is not provided.');
    const parentId = guidIn(properties, 'parentid');
    const known = this.known.get(id);
    if (known === undefined) this.#refuseIncomplete(properties, parentId);
    else if (parentId !== undefined && parentId !== known.parentId)
      throw new Error('Cannot change parent timeline record of an existing timeline record.');

    const now = new Date();
    const before = this.#records.get(id);
    const state = states.find(name => name === properties.get('state'));
    const finished = known !== undefined && state === 'Completed' ? now : undefined;
    this.#records.set(id, {
      id,
      parentId: parentId ?? known?.parentId,
      type: properties.get('type') ?? before?.type ?? '',
      name: properties.get('name') ?? before?.name ?? '',
      order: integer(properties.get('order')) ?? before?.order,
      startTime: moment(properties.get('starttime')) ?? before?.startTime ?? now,
      finishTime: moment(properties.get('finishtime')) ?? finished ?? before?.finishTime,
      state: state ?? before?.state ?? 'InProgress',
      result: resultOf(properties.get('result')) ?? before?.result,
      percentComplete: integer(properties.get('progress')) ?? before?.percentComplete,
      currentOperation: data === '' ? before?.currentOperation : data,
    });
    this.known.set(id, { parentId: parentId ?? known?.parentId });
  }

  /** At the end of the stage everything in it is over. */
  complete(): void {
    for (const [id, record] of this.#records) {
      this.#records.set(id, {
        ...record,
        state: 'Completed',
        finishTime: record.finishTime ?? new Date(),
        percentComplete: record.percentComplete ?? 100,
        result: record.result ?? 'Succeeded',
      });
    }
  }

  #refuseIncomplete(properties: ReadonlyMap<string, string>, parentId: string | undefined): void {
    for (const needed of ['name', 'type']) {
      if ((properties.get(needed) ?? '') === '')
        throw new Error(`The ${needed} of a new timeline record is required.`);
    }
    if (parentId !== undefined && parentId !== nobody && !this.known.has(parentId))
      throw new Error('The parent timeline record has not been created.');
  }
}

function guidIn(properties: ReadonlyMap<string, string>, name: string): string | undefined {
  const text = properties.get(name);
  if (text === undefined) return undefined;
  if (!guid.test(text)) throw new Error(`'${text}' is not a GUID.`);
  return text.toLowerCase();
}

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** A moment without a zone is UTC, wherever this machine stands; a text that is no moment counts as now. */
function moment(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const isWithoutZone = /\d:\d\d(?::\d\d(?:\.\d+)?)?$/.test(text) && !/[+-]\d\d:\d\d$/.test(text);
  const time = Date.parse(isWithoutZone ? `${text}Z` : text);
  return Number.isNaN(time) ? new Date() : new Date(time);
}

/** A text that is no result counts as success. */
function resultOf(text: string | undefined): TaskResult | undefined {
  return text === undefined ? undefined : (parseTaskResult(text) ?? 'Succeeded');
}
