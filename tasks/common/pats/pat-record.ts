import type { Agent } from '../agent/agent.js';
import { asGuid, asMoment, asObject, asText, parseJson } from '../text/json.js';
import { organizationAt, type Organization } from '../inputs/organization.js';

/** The task variable through which the main step tells the post-job step what there is to revoke. */
const VARIABLE = 'JobPat.Record';

/** A PAT that this step asked for. Without authorization id it is an intent: it may or may not exist. */
export interface RecordedPat {
  readonly organization: Organization;
  readonly displayName: string;
  readonly validTo: Date;
  /** When it was asked for. A request that was cut can arrive a while later. */
  readonly asked: Date;
  readonly authorizationId?: string;
}

/** Where a record is kept: the task variables of a step. */
export type RecordMemory = Pick<Agent, 'taskVariable' | 'setTaskVariable'>;

/** Forgets with the process: for a step without a later stage. */
export function processMemory(): RecordMemory {
  return { taskVariable: () => undefined, setTaskVariable: () => Promise.resolve() };
}

/**
 * What this step made and has not revoked. It lives in a task variable: in the agent's memory, for this step alone,
 * as long as the job. Every change is with the agent before the promise resolves, so that a kill loses nothing.
 */
export class PatRecord {
  readonly #memory: RecordMemory;
  #pats: readonly RecordedPat[];

  /** Reads what an earlier stage or attempt of this step left. */
  constructor(memory: RecordMemory) {
    this.#memory = memory;
    this.#pats = parseRecord(memory.taskVariable(VARIABLE) ?? '');
  }

  get pats(): readonly RecordedPat[] {
    return this.#pats;
  }

  /** Before the create request: from now on the PAT will be looked for. */
  async intend(pat: RecordedPat): Promise<void> {
    await this.#keep([...this.#pats, pat]);
  }

  /** After the answer: the PAT is known by id. */
  async confirm(displayName: string, authorizationId: string, validTo: Date): Promise<void> {
    await this.#keep(
      this.#pats.map(pat => (pat.displayName === displayName ? { ...pat, authorizationId, validTo } : pat)),
    );
  }

  /** It is certain that this PAT is not alive, or not ours to revoke any more. */
  async forget(displayName: string): Promise<void> {
    await this.#keep(this.#pats.filter(pat => pat.displayName !== displayName));
  }

  async #keep(pats: readonly RecordedPat[]): Promise<void> {
    this.#pats = pats;
    const plain = pats.map(pat => ({
      organization: pat.organization.url,
      displayName: pat.displayName,
      validTo: pat.validTo.toISOString(),
      asked: pat.asked.toISOString(),
      ...(pat.authorizationId === undefined ? {} : { authorizationId: pat.authorizationId }),
    }));
    await this.#memory.setTaskVariable(VARIABLE, JSON.stringify(plain));
  }
}

/** Entries that cannot be read are left out: they were not written by this version of the task. */
function parseRecord(text: string): RecordedPat[] {
  const entries = text === '' ? [] : parseJson(text);
  if (!Array.isArray(entries)) return [];
  return entries.flatMap(entry => {
    const members = asObject(entry);
    const organization = organizationAt(asText(members?.['organization']) ?? '');
    const displayName = asText(members?.['displayName']);
    const validTo = asMoment(members?.['validTo']);
    const asked = asMoment(members?.['asked']);
    const authorizationId = asGuid(members?.['authorizationId']);
    if (organization === undefined || displayName === undefined) return [];
    if (validTo === undefined || asked === undefined) return [];
    return [
      {
        organization,
        displayName,
        validTo,
        asked,
        ...(authorizationId !== undefined && { authorizationId }),
      },
    ];
  });
}
