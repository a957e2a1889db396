import type { Answer, Asked } from './asked.js';

/** So many are remembered: who mixes answers up mixes those of a moment. */
const MOST = 12;

/** A request, as far as its answer shows what was asked. */
interface Question {
  readonly kind: string;
  /** What it names or makes, and what the answer to another one cannot name; empty for lists and identities. */
  readonly thing: string;
}

/** The last good answers of the services, for somebody on the way who mixes them up. */
export class GivenAnswers {
  readonly #last: { readonly question: Question; readonly answer: Answer }[] = [];

  keep(asked: Asked, answer: Answer): void {
    if (answer.status !== 200 || answer.body === '') return;
    this.#last.push({ question: questionOf(asked), answer });
    if (this.#last.length > MOST) this.#last.shift();
  }

  /** The newest answer that is none to this request, as its reader can tell: of the same kind before any other. */
  otherThan(asked: Asked): Answer | undefined {
    const { kind, thing } = questionOf(asked);
    const alike = this.#last.findLast(({ question }) => question.kind === kind && question.thing !== thing);
    return (alike ?? this.#last.findLast(({ question }) => question.kind !== kind))?.answer;
  }
}

function questionOf({ method, path, query, body }: Asked): Question {
  const [place = ''] = /\/(_apis|oauth2|secrets)\/.*$/.exec(path) ?? [];
  const kind = `${method} ${place.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/gi, '*')}`;
  if (place.endsWith('/timeline')) return { kind, thing: '' };
  const named = /\/(\d+|[0-9a-f]{8}-[0-9a-f-]{27})$/i.exec(place)?.[1];
  const makes = method === 'POST' && place.endsWith('/tokens/pats') ? body : '';
  return { kind, thing: query.get('authorizationId') ?? named ?? makes };
}
