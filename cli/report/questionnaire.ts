import { asFailure } from '#advice/failure';
import { patTokenErrors } from '#advice/pat-errors';
import type { RedactingEffects } from '#agent/effects';
import type { Organization } from '#azure-devops/organization';
import type { HttpAnswer } from '#http/http';
import { ExchangeRedactor, recorded, type RedactedExchange } from '#http/redacted-exchange';
import { asObject, asText, parseJson } from '#text/json';
import { Pseudonyms } from '#text/pseudonyms';
import { open, type Answer, type Finding } from './answers.js';
import type { AssumptionId } from './assumptions.js';

/** A list of a hundred pages says no more than its beginning. */
const MOST_EXCHANGES = 8;
/** Between two looks at something that takes a moment; milliseconds. */
const LOOK_EVERY = 1_000;

/** Asks one question after the other: what fails is an answer, and only a person who wants no more ends it. */
export class Questionnaire {
  readonly answers: Answer[] = [];
  readonly effects: RedactingEffects;
  /** The answer to the last request; undefined where there was none. */
  heard: HttpAnswer | undefined;
  #exchanges: RedactedExchange[] = [];
  readonly #tell: (answer: Answer) => void;

  constructor(organization: Organization, effects: RedactingEffects, tell: (answer: Answer) => void) {
    const names = new Pseudonyms();
    names.of('organization', organization.name);
    this.#tell = tell;
    const http = recorded(effects.http, new ExchangeRedactor(names), Date.now, (exchange, answer) => {
      this.heard = answer;
      this.#exchanges.push(exchange);
    });
    this.effects = { ...effects, http };
  }

  /** @throws Failure `cancelled` alone */
  async ask(id: AssumptionId, question: () => Promise<Finding> | Finding): Promise<void> {
    this.#exchanges = [];
    this.heard = undefined;
    let finding: Finding;
    try {
      finding = await question();
    } catch (error) {
      const { topic } = asFailure(error);
      if (topic === 'cancelled') throw error;
      finding = open(`it could not be asked: ${this.said()}, ${topic}`);
    }
    this.add({ id, ...finding, exchanges: this.#exchanges.slice(0, MOST_EXCHANGES) });
  }

  add(answer: Answer): void {
    this.answers.push(answer);
    this.#tell(answer);
  }

  /**
   * Looks until it is so.
   * @param longest milliseconds
   * @returns the seconds that it took; undefined where it did not come to be
   */
  async secondsUntil(longest: number, isSo: () => Promise<boolean>): Promise<number | undefined> {
    const { clock } = this.effects;
    const start = clock.now().getTime();
    const passed = () => clock.now().getTime() - start;
    while (!(await isSo())) {
      if (passed() >= longest) return undefined;
      await clock.wait(LOOK_EVERY);
    }
    return Math.round(passed() / 100) / 10;
  }

  /** The last answer in words of ours: its status, and what is an identifier of the service. */
  said(): string {
    if (this.heard === undefined) return 'no answer';
    const { status, body } = this.heard;
    return [`HTTP ${status}`, ...identifiersIn(body)].join(' ');
  }
}

/** The names and numbers of errors that the service is known to have. */
function identifiersIn(body: string): string[] {
  const value = asObject(parseJson(body));
  const named = asText(value?.['patTokenError']) ?? asText(value?.['typeKey']) ?? '';
  const known = patTokenErrors.find(error => error.toLowerCase() === named.toLowerCase());
  const type = TYPE_KEYS.find(key => key === named);
  const number = /\b(?:TF|VS)\d{5,6}\b/.exec(body)?.[0];
  return [known, type, number].filter(word => word !== undefined && word !== 'none') as string[];
}

const TYPE_KEYS = [
  'InvalidAccessException',
  'AccessCheckException',
  'SessionTokenNotFoundException',
  'SessionTokenCreateException',
  'HostAuthorizationNotFoundException',
  'AuthorizationIdNotFoundException',
  'UnauthorizedRequestException',
  'VssPropertyValidationException',
];
