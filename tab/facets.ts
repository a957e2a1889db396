import type { Share } from './breakdown.js';
import { element, outside } from './elements.js';
import { grouped, visible } from './texts.js';

/** A breakdown in which each part can be chosen to see only its PATs. */
export interface Facet {
  readonly view: HTMLElement;
  /** Marks what is chosen; undefined: nothing. */
  mark(id: string | undefined): void;
}

interface Choice {
  readonly id: string;
  readonly button: HTMLButtonElement;
}

/** Bars beside each other, for what has an order of its own. */
export function columnFacet(title: string, shares: readonly Share[], choose: (id: string) => void): Facet {
  const most = Math.max(1, ...shares.map(({ count }) => count));
  const choices = shares.map(share => {
    const bar = element('span', { class: 'column-bar' });
    bar.style.height = `${share.count === 0 ? 0 : Math.max(2, (share.count / most) * 100)}%`;
    const button = choiceButton(
      share,
      choose,
      `column ${share.id === 'over' ? 'past' : share.id === 'week' ? 'warning' : 'calm'}`,
      element('span', { class: 'column-count' }, grouped(share.count)),
      element('span', { class: 'column-space' }, bar),
      element('span', { class: 'column-text' }, share.text),
    );
    return { id: share.id, button };
  });
  return facetOf(
    title,
    choices,
    element('div', { class: 'columns' }, ...choices.map(({ button }) => button)),
  );
}

const MOST_ROWS = 8;

/** Bars below each other, for names; the less frequent ones can be unfolded. */
export function rowFacet(title: string, shares: readonly Share[], choose: (id: string) => void): Facet {
  const most = Math.max(1, ...shares.map(({ count }) => count));
  const choices = shares.slice(0, 60).map(share => {
    const bar = element('span', { class: 'row-bar' });
    bar.style.width = `${Math.max(1, (share.count / most) * 100)}%`;
    const tone = { error: 'bad', warning: 'warning', note: 'calm' }[share.severity ?? 'note'];
    const button = choiceButton(
      share,
      choose,
      `row ${tone}`,
      outside(visible(share.text, 60), 'row-text'),
      element('span', { class: 'row-space' }, bar),
      element('span', { class: 'row-count' }, grouped(share.count)),
    );
    return { id: share.id, button };
  });
  const items = choices.map(({ button }) => element('li', {}, button));
  const list = element('ul', { class: 'rows' }, ...items.slice(0, MOST_ROWS));
  const more = items.slice(MOST_ROWS);
  const rest =
    more.length === 0
      ? undefined
      : element(
          'details',
          {},
          element('summary', {}, `${grouped(more.length)} more`),
          element('ul', { class: 'rows' }, ...more),
        );
  const nothing = items.length === 0 ? element('p', { class: 'quiet' }, 'None.') : undefined;
  return facetOf(title, choices, list, rest, nothing);
}

function choiceButton(
  { severity, count }: Share,
  choose: (id: string) => void,
  className: string,
  ...content: Node[]
): HTMLButtonElement {
  const button = element(
    'button',
    { type: 'button', class: className, 'aria-pressed': 'false' },
    ...content,
    // Colour alone must not tell it.
    severity === undefined ? undefined : element('span', { class: 'spoken' }, ` ${severity}`),
  );
  button.disabled = count === 0;
  button.addEventListener('click', () => {
    choose(button.dataset['id'] ?? '');
  });
  return button;
}

function facetOf(title: string, choices: readonly Choice[], ...content: (Node | undefined)[]): Facet {
  for (const { id, button } of choices) button.dataset['id'] = id;
  return {
    view: element(
      'div',
      { class: 'card facet', role: 'group', 'aria-label': title },
      element(
        'div',
        { class: 'facet-head' },
        element('h3', {}, title),
        choices.length === 0 ? undefined : element('span', { class: 'quiet' }, 'choose one to see its PATs'),
      ),
      ...content,
    ),
    mark(id) {
      for (const choice of choices) choice.button.setAttribute('aria-pressed', String(choice.id === id));
    },
  };
}
