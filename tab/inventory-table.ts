import { element, momentElement, outside, type Content } from './elements.js';
import { columns, isActive, sorted, type Column, type Order } from './inventory-filter.js';
import { patDetails } from './inventory-details.js';
import { reasonsOf, type Inventory, type InventoryPat } from './inventory.js';
import { severityLook } from './severity-look.js';
import { splitName } from './pat-name.js';
import { labelView, suffixView } from './pat-name-view.js';
import { counted, grouped, spokenDay, spokenDuration, visible } from './texts.js';

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
  reason: 'Why',
  name: 'PAT',
  user: 'User',
  organization: 'Organization',
  scopes: 'Scopes',
  validTo: 'Ends',
};

/** The worst first, to begin with. */
const FIRST_ORDER: Order = { column: 'severity', descending: false };

/** The columns in which every row would say the same are left out; what a row unfolds has all of it. */
export function inventoryTable(
  { ofIssuer, organizations }: Pick<Inventory, 'ofIssuer' | 'organizations'>,
  now: Date,
): InventoryTable {
  const shownColumns = columns.filter(
    column => !(column === 'user' && ofIssuer) && !(column === 'organization' && organizations.length < 2),
  );
  let pats: readonly InventoryPat[] = [];
  let rows: readonly InventoryPat[] = [];
  let order = FIRST_ORDER;
  let page = 0;

  const body = element('tbody');
  const heads = shownColumns.map(column => {
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
    { 'aria-label': 'PATs', class: ofIssuer ? 'of-one' : undefined },
    element('thead', {}, element('tr', {}, ...heads.map(({ cell }) => cell))),
    body,
  );

  /** A narrow page leaves columns out; a cell that spans more than there are would add an empty one. */
  function spanShownColumns(): void {
    const count = heads.filter(({ cell }) => getComputedStyle(cell).display !== 'none').length;
    for (const cell of body.querySelectorAll('tr.more > td')) cell.setAttribute('colspan', String(count));
  }
  window.addEventListener('resize', spanShownColumns);

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
    body.replaceChildren(
      ...shown.flatMap((pat, index) =>
        rowsOf(pat, first + index, now, { shownColumns, ofIssuer, spanShownColumns }),
      ),
    );
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

interface Arrangement {
  readonly shownColumns: readonly Column[];
  readonly ofIssuer: boolean;
  readonly spanShownColumns: () => void;
}

/** The row of a PAT, and one below it that its name unfolds. */
function rowsOf(
  pat: InventoryPat,
  index: number,
  now: Date,
  { shownColumns, ofIssuer, spanShownColumns }: Arrangement,
): HTMLElement[] {
  const id = `pat-${index}`;
  const split = splitName(pat.displayName);
  const name = element(
    'button',
    { type: 'button', class: 'name', 'aria-expanded': 'false', 'aria-controls': id },
    labelView(split, '(no name)'),
  );
  const more = element('tr', { id, class: 'more', hidden: '' });
  name.addEventListener('click', () => {
    if (more.childElementCount === 0) more.append(element('td', {}, patDetails(pat, ofIssuer)));
    spanShownColumns();
    more.hidden = !more.hidden;
    name.setAttribute('aria-expanded', String(!more.hidden));
  });
  const cells: Record<Column, Content> = {
    severity: severityBadge(pat),
    reason: reasonView(pat),
    name: element('div', { class: 'name-space' }, name, suffixView(split)),
    user: outside(visible(pat.user, 80)),
    organization: outside(visible(pat.organization, 60)),
    scopes: scopesOf(pat),
    validTo: endOf(pat, now),
  };
  const row = element(
    'tr',
    { 'aria-rowindex': String(index + 2), class: isActive(pat) ? undefined : 'ended' },
    ...shownColumns.map(column => element('td', { class: `col-${column}` }, cells[column])),
  );
  return [row, more];
}

/** The rule that counts most, and how many more: why the PAT stands where it stands. */
function reasonView(pat: InventoryPat): Content {
  const [first, ...more] = reasonsOf(pat);
  if (first === undefined) return undefined;
  return element(
    'span',
    {},
    outside(visible(first.rule, 60)),
    more.length === 0 ? undefined : ' ',
    more.length === 0 ? undefined : element('span', { class: 'quiet more-of' }, `and ${more.length} more`),
  );
}

function severityBadge({ worst, findings }: InventoryPat): HTMLElement {
  if (worst === undefined)
    return element('span', { class: 'quiet' }, findings.length === 0 ? 'None' : 'Excepted');
  const { text, tone } = severityLook[worst];
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
