import { drawFrom } from '#emulator/randomness';
import { openServices, type Services } from '#emulator/services';
import type { MarkFiles } from '#agent/mark-files';
import { asObject, asText, objectsOf, parseJson } from '#text/json';
import type { Answer, Asked } from './asked.js';
import type { Consumption } from './consumption.js';
import { GivenAnswers } from './given-answers.js';
import { Random } from './random.js';
import { Tally } from './tally.js';
import { VirtualTime } from './virtual-time.js';

/** Something that must never be: one sentence. */
export interface Violation {
  readonly at: number;
  readonly text: string;
}

/** A process, as the operating system knows it. */
interface Living {
  isAlive(): boolean;
}

/** What is simulated in one life: time, the services, and what everybody has seen of them. */
export class World {
  readonly time = new VirtualTime();
  readonly services: Services;
  readonly random: Random;
  readonly violations: Violation[] = [];
  readonly tally = new Tally();
  readonly answers = new GivenAnswers();
  /** Every secret that exists, by what it is. Nobody may print one; not looked for where only time is measured. */
  readonly secrets = new Map<string, string>();
  /** Called after everything that may have changed the services. */
  readonly checks: (() => void)[] = [];
  /** The limit of the issuing user; undefined: there is none. */
  consumption: Consumption | undefined;
  readonly #processes: Living[] = [];
  readonly #files = new Map<string, string>();
  readonly #story: string[] | undefined;

  /** @param told whether the story of the life is kept, line by line */
  constructor(seed: readonly (string | number)[], organizations: readonly string[], told: boolean) {
    this.random = new Random(...seed, 'world');
    this.#story = told ? [] : undefined;
    drawFrom(this.random.stream('services'));
    this.services = openServices(
      { clock: () => new Date(this.time.now), organizations },
      () => 'https://dev.azure.com',
    );
  }

  /** @returns the id of the process */
  register(process: Living): number {
    return this.#processes.push(process);
  }

  /** The temp folders of all jobs, as one process sees them: the files have the names of their steps. */
  marksFor({ id }: { readonly id: number }): MarkFiles {
    const files = this.#files;
    return {
      has: file => files.has(file),
      read: file => files.get(file) ?? '',
      write: (file, text) => {
        if (!files.has(file)) files.set(file, text);
      },
      remove: file => void files.delete(file),
      processId: id,
      isAlive: other => this.#processes[other - 1]?.isAlive() ?? false,
    };
  }

  get story(): readonly string[] {
    return this.#story ?? [];
  }

  tell(who: string, text: string | (() => string)): void {
    if (this.#story === undefined) return;
    const said = typeof text === 'string' ? text : text();
    this.#story.push(`${new Date(this.time.now).toISOString().slice(11, 23)}  ${who.padEnd(16)} ${said}`);
  }

  violated(text: string): void {
    if (this.violations.some(known => known.text === text)) return;
    this.violations.push({ at: this.time.now, text });
    this.tell('!', text);
  }

  /** After everything that may have changed the services. */
  look(): void {
    for (const check of this.checks) check();
  }

  secret(value: string, what: string): string {
    if (value !== '' && this.consumption === undefined) this.secrets.set(value, what);
    return value;
  }

  /** A list of PATs as it was so long ago; every other answer as it is. */
  lagging({ about }: Asked, answer: Answer, by: number): Answer {
    const isList = about === 'list of PATs' && answer.status === 200;
    const page = isList ? asObject(parseJson(answer.body)) : undefined;
    if (page === undefined) return answer;
    const then = this.time.now - by;
    const patTokens = objectsOf(page['patTokens']).filter(entry => {
      const pat = this.services.pats.withId(asText(entry['authorizationId']) ?? '');
      return pat === undefined || pat.issuedAt.getTime() <= then;
    });
    return { ...answer, body: JSON.stringify({ ...page, patTokens }) };
  }

  /** What a text shows that it must not. */
  shownIn(text: string): string | undefined {
    for (const [secret, what] of this.secrets) if (text.includes(secret)) return what;
    return undefined;
  }
}
