import { element, momentElement, outside, type Content } from './elements.js';
import { columns, sorted, type Column, type Order } from './inventory-filter.js';
import type { InventoryPat, Severity } from './inventory.js';
import { counted, grouped, spokenDay, spokenDuration, spokenMoment, visible } from './texts.js';

/** A table of PATs, sorted and in pages: a page is what is in the document, however many there are. */
export interface InventoryTable {
  readonly view: HTMLElement;
  /** Shows these from the first page on. */
  show(pats: readonly InventoryPat[]): void;
}

const ROWS_PER_PAGE = 100;
/** More scopes than these are behind the name. */
const MOST_SCOPES = 3;

const HEADS: Readonly<Record<Column, string>> = {
  severity: 'Severity',
  name: 'PAT',
  user: 'User',
  organization: 'Organization',
  scopes: 'Scopes',
  validTo: 'Ends',
};

const SEVERITIES: Readonly<Record<Severity, { readonly text: string; readonly tone: string }>> = {
  error: { text: 'Error', tone: 'bad' },
  warning: { text: 'Warning', tone: 'warning' },
  note: { text: 'Note', tone: 'calm' },
};

/** The worst first, to begin with. */
const FIRST_ORDER: Order = { column: 'severity', descending: false };

export function inventoryTable(now: Date): InventoryTable {
  let pats: readonly InventoryPat[] = [];
  let rows: readonly InventoryPat[] = [];
  let order = FIRST_ORDER;
  let page = 0;

  const body = element('tbody');
  const heads = columns.map(column => {
    const button = element('button', { type: 'button' }, HEADS[column]);
    button.addEventListener('click', () => {
      order = { column, descending: order.column === column && !order.descending };
      arrange();
    });
    return { column, cell: element('th', { scope: 'col', class: `col-${column}` }, button) };
  });
  const status = element('span', { role: 'status' });
  const back = pageButton('Previous', -1);
  const forth = pageButton('Next', 1);
  const table = element(
    'table',
    { 'aria-label': 'PATs' },
    element('thead', {}, element('tr', {}, ...heads.map(({ cell }) => cell))),
    body,
  );

  function pageButton(text: string, step: number): HTMLButtonElement {
    const button = element('button', { type: 'button', class: 'plain' }, text);
    button.addEventListener('click', () => {
      page += step;
      fill();
      table.scrollIntoView({ block: 'start' });
    });
    return button;
  }

  function arrange(): void {
    rows = sorted(pats, order);
    page = 0;
    for (const { column, cell } of heads) {
      const direction = order.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', column === order.column ? direction : 'none');
    }
    fill();
  }

  function fill(): void {
    const first = page * ROWS_PER_PAGE;
    const shown = rows.slice(first, first + ROWS_PER_PAGE);
    table.setAttribute('aria-rowcount', String(rows.length + 1));
    body.replaceChildren(...shown.flatMap((pat, index) => rowsOf(pat, first + index, now)));
    status.textContent =
      rows.length === 0
        ? 'No PAT fits.'
        : `${grouped(first + 1)} to ${grouped(first + shown.length)} of ${counted(rows.length, 'PAT')}`;
    back.disabled = page === 0;
    forth.disabled = first + shown.length >= rows.length;
  }

  return {
    view: element(
      'div',
      {},
      element('div', { class: 'table-space' }, table),
      element('div', { class: 'pager' }, status, back, forth),
    ),
    show(all) {
      pats = all;
      arrange();
    },
  };
}

/** The row of a PAT, and one below it that its name unfolds. */
function rowsOf(pat: InventoryPat, index: number, now: Date): HTMLElement[] {
  const id = `pat-${index}`;
  const name = element(
    'button',
    { type: 'button', class: 'name', 'aria-expanded': 'false', 'aria-controls': id },
    outside(visible(pat.displayName, 128) || '(no name)'),
  );
  const more = element('tr', { id, class: 'more', hidden: '' });
  name.addEventListener('click', () => {
    if (more.childElementCount === 0)
      more.append(element('td', { colspan: String(columns.length) }, detailsOf(pat)));
    more.hidden = !more.hidden;
    name.setAttribute('aria-expanded', String(!more.hidden));
  });
  const cells: Record<Column, Content> = {
    severity: severityBadge(pat),
    name,
    user: outside(visible(pat.user, 80)),
    organization: outside(visible(pat.organization, 60)),
    scopes: scopesOf(pat),
    validTo: endOf(pat, now),
  };
  const row = element(
    'tr',
    { 'aria-rowindex': String(index + 2) },
    ...columns.map(column => element('td', { class: `col-${column}` }, cells[column])),
  );
  return [row, more];
}

function severityBadge({ worst, findings }: InventoryPat): HTMLElement {
  if (worst === undefined)
    return element('span', { class: 'quiet' }, findings.length === 0 ? 'None' : 'Excepted');
  const { text, tone } = SEVERITIES[worst];
  return element('span', { class: `badge ${tone}` }, text);
}

function scopesOf({ scopes }: InventoryPat): HTMLElement {
  const shown = scopes.slice(0, MOST_SCOPES).map(scope => outside(visible(scope, 60), 'scope'));
  const left = scopes.length - shown.length;
  return element(
    'span',
    { class: 'scopes' },
    ...shown,
    left > 0 ? element('span', { class: 'quiet' }, `and ${left} more`) : undefined,
  );
}

function endOf({ state, validTo }: InventoryPat, now: Date): Content {
  if (state === 'revoked') return element('span', { class: 'quiet' }, 'Revoked');
  if (validTo === undefined) return element('span', { class: 'quiet' }, 'Unknown');
  const left = validTo.getTime() - now.getTime();
  const text = left > 0 ? `in ${spokenDuration(left)}` : `${spokenDuration(left)} ago`;
  return element(
    'span',
    {},
    momentElement(validTo, spokenDay(validTo)),
    element('span', { class: 'quiet ends' }, text),
  );
}

function detailsOf(pat: InventoryPat): HTMLElement {
  const facts: [string, Content][] = [
    ['Authorization id', element('code', {}, pat.authorizationId)],
    ['Valid', spanOf(pat)],
    ['State', outside(visible(pat.state))],
    ['Scopes', outside(visible(pat.scopes.join(' '), 2000))],
  ];
  return element(
    'div',
    { class: 'details' },
    element('ul', {}, ...pat.findings.map(findingView)),
    element(
      'dl',
      { class: 'facts' },
      ...facts.map(([term, value]) => element('div', {}, element('dt', {}, term), element('dd', {}, value))),
    ),
  );
}

function findingView({
  rule,
  severity,
  message,
  repair,
  excepted,
}: InventoryPat['findings'][number]): HTMLElement {
  const { text, tone } = SEVERITIES[severity];
  return element(
    'li',
    { class: 'finding' },
    element('span', { class: `badge ${tone}` }, excepted ? `${text}, excepted` : text),
    element(
      'span',
      {},
      element('code', {}, visible(rule, 60)),
      ' ',
      outside(visible(message, 500)),
      ' ',
      outside(visible(repair, 500), 'quiet'),
    ),
  );
}

function spanOf({ validFrom, validTo }: InventoryPat): string {
  const [from, to] = [validFrom, validTo].map(moment =>
    moment === undefined ? 'unknown' : `${spokenMoment(moment)} UTC`,
  );
  return `${from ?? ''} to ${to ?? ''}`;
}
