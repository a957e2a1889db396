import type { Agent } from '#agent/agent';
import type { Genuine, Opened, Seal } from '#agent/seal';
import { RECORD } from '#agent/stage-settings';
import { asGuid, asMoment, asText, objectsOf, type JsonObject } from '#text/json';
import { organizationAt, type Organization } from '#azure-devops/organization';
import type { Run } from '#azure-devops/run';
import { readJobPatName, runMark } from './run-name.js';

/** What stands there when there is nothing to revoke: it needs no seal, for nothing is what a lost seal leaves, too. */
const NOTHING = '[]';

/** A PAT that this step asked for. Without authorization id it is an intent: it may or may not exist. */
export interface LedgerEntry {
  readonly organization: Organization;
  readonly displayName: string;
  readonly validTo: Date;
  /** When it was asked for. A request that was cut can arrive a while later. */
  readonly asked: Date;
  readonly authorizationId?: string;
}

/** Where a record is kept. */
export interface LedgerMemory {
  /** Resolves when the PATs are kept so that a kill loses nothing. */
  keep(pats: readonly LedgerEntry[]): Promise<void>;
}

/** Forgets with the process: for a step without a later stage. */
export function processMemory(): LedgerMemory {
  return { keep: () => Promise.resolve() };
}

/** What an earlier stage or attempt of this step left. */
export interface Recovered {
  readonly record: StepLedger;
  /** PATs of a record that cannot be believed, and so are left alone. */
  readonly unproven: readonly LedgerEntry[];
  /** Why it cannot be; undefined when it can, or there is none. */
  readonly doubt?: Exclude<Opened['kind'], 'genuine' | 'of this step by its word'>;
  /** The record is believed for what this job made, and for no id: its PATs are found by their names. */
  readonly isByItsWord?: true;
  /** What stands under the seal beside the PATs; undefined when there is no record, or none that is believed. */
  readonly sealed?: Genuine;
}

/**
 * What this step made and has not revoked. It lives in a task variable: in the agent's memory, for this step alone,
 * as long as the job. Every change is with the agent before the promise resolves, so that a kill loses nothing. It is
 * sealed: a variable of the job can take the name of a task variable that was never set.
 */
export class StepLedger {
  readonly #memory: LedgerMemory;
  #kept: Promise<void> = Promise.resolve();
  #pats: readonly LedgerEntry[];

  constructor(memory: LedgerMemory, pats: readonly LedgerEntry[] = []) {
    this.#memory = memory;
    this.#pats = pats;
  }

  /**
   * Reads what an earlier stage or attempt of this step left. One whose seal is absent or wrong counts as none.
   * @param thisRun the run and job of this step
   */
  static async recover(
    agent: Pick<Agent, 'taskVariable' | 'setTaskVariable'>,
    seal: Seal,
    thisRun: () => Run,
  ): Promise<Recovered> {
    const known = new Set<string>();
    const memory: LedgerMemory = {
      async keep(pats) {
        // Nothing to seal with yet: what stands there names these PATs, and some that need no revocation any more.
        const mayStay = !seal.hasKey() && pats.every(({ displayName }) => known.has(displayName));
        if (mayStay && pats.length > 0) return;
        const text = pats.length === 0 ? NOTHING : await seal.put({ pats: pats.map(plain) });
        await agent.setTaskVariable(RECORD, text);
      },
    };
    const text = agent.taskVariable(RECORD) ?? '';
    if (text === '' || text === NOTHING) return { record: new StepLedger(memory), unproven: [] };
    const opened = await seal.open(text);
    const pats = 'content' in opened ? readPats(opened.content) : [];
    for (const { displayName } of pats) known.add(displayName);
    switch (opened.kind) {
      case 'genuine':
        return { record: new StepLedger(memory, pats), unproven: [], sealed: opened };
      case 'of this step by its word':
        return {
          record: new StepLedger(memory, namesOfThisJob(pats, thisRun())),
          unproven: [],
          isByItsWord: true,
        };
      case 'of another step':
      case 'not sealed':
      case 'not to be checked':
        return { record: new StepLedger(memory), unproven: pats, doubt: opened.kind };
    }
  }

  get pats(): readonly LedgerEntry[] {
    return this.#pats;
  }

  /** Before the create request: from now on the PAT will be looked for. */
  async intend(pat: LedgerEntry): Promise<void> {
    await this.#keep([...this.#pats, pat]);
  }

  /** After the answer: the PAT is known by id. */
  async confirm(displayName: string, authorizationId: string, validTo: Date): Promise<void> {
    await this.#keep(
      this.#pats.map(pat => (pat.displayName === displayName ? { ...pat, authorizationId, validTo } : pat)),
    );
  }

  /** It is certain that these PATs are not alive, or not ours to revoke any more. */
  async forget(...displayNames: readonly string[]): Promise<void> {
    await this.#keep(this.#pats.filter(pat => !displayNames.includes(pat.displayName)));
  }

  /** One after the other, each as things stand by then: what is handed over last is the whole truth. */
  async #keep(pats: readonly LedgerEntry[]): Promise<void> {
    this.#pats = pats;
    const kept = this.#kept.then(() => this.#memory.keep(this.#pats));
    this.#kept = kept.catch(() => undefined);
    await kept;
  }
}

/** Those whose names carry this run and job, without the ids that stand beside them: a PAT of such a name is this job's. */
function namesOfThisJob(pats: readonly LedgerEntry[], run: Run): LedgerEntry[] {
  const mark = runMark(run);
  return pats
    .filter(
      ({ displayName }) => readJobPatName(displayName) !== undefined && displayName.includes(` ${mark}`),
    )
    .map(({ organization, displayName, validTo, asked }) => ({ organization, displayName, validTo, asked }));
}

function plain(pat: LedgerEntry): JsonObject {
  return {
    organization: pat.organization.url,
    displayName: pat.displayName,
    validTo: pat.validTo.toISOString(),
    asked: pat.asked.toISOString(),
    authorizationId: pat.authorizationId,
  };
}

/** Entries that cannot be read are left out: they were not written by this version of the task. */
function readPats(content: JsonObject): LedgerEntry[] {
  return objectsOf(content['pats']).flatMap(entry => {
    const organization = organizationAt(asText(entry['organization']) ?? '');
    const displayName = asText(entry['displayName']);
    const validTo = asMoment(entry['validTo']);
    const asked = asMoment(entry['asked']);
    const authorizationId = asGuid(entry['authorizationId']);
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
