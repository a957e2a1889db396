import { element } from './elements.js';
import { ENDED, lifeCard, lifeLine } from './life-view.js';
import type { Life } from './lives.js';
import { summaryOf } from './lives-summary.js';

/** Of more lives a person wants the list first. */
const MOST_CARDS = 5;

/** The life of each PAT of a run; live ones first, since a person has to look at them. */
export function livesView(all: readonly Life[], now: Date): HTMLElement {
  const lives = [...all].sort((a, b) => Number(ENDED.has(a.state)) - Number(ENDED.has(b.state)));
  const short = lives.length > MOST_CARDS;
  const view = short ? lifeLine : lifeCard;
  return element(
    'section',
    { 'aria-labelledby': 'lives-title' },
    element('h2', { id: 'lives-title' }, 'PATs of this run'),
    element('p', { class: 'summary' }, summaryOf(lives)),
    element(
      'ol',
      { class: short ? 'lives lines card' : 'lives' },
      ...lives.map((life, index) => view(life, `life-${index}`, now)),
    ),
  );
}
