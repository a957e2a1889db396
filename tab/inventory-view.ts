import { byExpiry, byRule, byScope } from './breakdown.js';
import { element, outside } from './elements.js';
import { columnFacet, rowFacet } from './facets.js';
import { filtered, NO_FILTER, expiries, type Filter } from './inventory-filter.js';
import { inventoryTable } from './inventory-table.js';
import { findingsThatCount, type Inventory, type Severity } from './inventory.js';
import { counted, grouped, spokenMoment, visible } from './texts.js';

/** What an audit found: figures, breakdowns that filter, and the table. */
export function inventoryView(inventory: Inventory, index: number): HTMLElement {
  const now = inventory.time ?? new Date();
  const titleId = `inventory-title-${index}`;
  if (inventory.pats.length === 0) return emptyView(inventory, titleId);
  const table = inventoryTable(inventory, now);
  let filter: Filter = NO_FILTER;

  /** Choosing what is chosen already lets it go. */
  const choose = (part: 'rule' | 'scope' | 'expiry', id: string): void => {
    const chosen = filter[part] === id ? undefined : id;
    apply(
      part === 'expiry'
        ? { ...filter, expiry: expiries.find(span => span.id === chosen)?.id }
        : { ...filter, [part]: chosen },
    );
  };
  const expiry = columnFacet('When they end', byExpiry(inventory, now), id => {
    choose('expiry', id);
  });
  const rule = rowFacet('Findings', byRule(inventory), id => {
    choose('rule', id);
  });
  const scope = rowFacet('Scopes of active PATs', byScope(inventory), id => {
    choose('scope', id);
  });

  const search = element('input', {
    type: 'search',
    placeholder: 'Filter by name, user, scope or rule',
    'aria-label': 'Filter the PATs',
  });
  search.addEventListener('input', () => {
    apply({ ...filter, text: search.value });
  });
  const reset = element('button', { type: 'button', class: 'plain', hidden: '' }, 'Show all');
  reset.addEventListener('click', () => {
    search.value = '';
    apply(NO_FILTER);
    search.focus();
  });

  function apply(next: Filter): void {
    filter = next;
    expiry.mark(filter.expiry);
    rule.mark(filter.rule);
    scope.mark(filter.scope);
    reset.hidden = filter.text === '' && (filter.rule ?? filter.scope ?? filter.expiry) === undefined;
    table.show(filtered(inventory.pats, filter, now));
  }
  apply(filter);

  return element(
    'section',
    { 'aria-labelledby': titleId },
    ...headOf(inventory, titleId),
    figures(inventory),
    element('div', { class: 'facets' }, expiry.view, rule.view, scope.view),
    element('div', { class: 'toolbar' }, search, reset),
    table.view,
  );
}

/** What stands above the list, and above the word that there is none. */
function headOf(inventory: Inventory, titleId: string) {
  return [
    element('h2', { id: titleId }, 'Inventory'),
    element('p', { class: 'summary' }, summaryOf(inventory)),
    missingView(inventory),
    generalView(inventory),
  ];
}

/** Nothing to see may mean that nothing is there, or that nothing could be read: it is said what was. */
function emptyView(inventory: Inventory, titleId: string): HTMLElement {
  const { missing, organizations } = inventory;
  const where = organizations.map(name => visible(name, 60)).join(', ');
  const complete = missing.length === 0;
  return element(
    'section',
    { 'aria-labelledby': titleId },
    ...headOf(inventory, titleId),
    element(
      'div',
      { class: 'nothing' },
      element('h3', {}, complete ? 'No PAT was found' : 'No PAT was found in what could be read'),
      element(
        'p',
        {},
        `AuditPats@1 looked in ${where} for the PATs of ${ownersOf(inventory)}, active, expired and revoked ones, and read ${complete ? 'every list to its end' : 'only a part of the lists'}.`,
      ),
    ),
  );
}

function summaryOf(inventory: Inventory): string {
  const { pats, time, organizations } = inventory;
  const where =
    organizations.length === 1
      ? visible(organizations[0] ?? '', 60)
      : counted(organizations.length, 'organization');
  const when = time === undefined ? '' : `, read on ${spokenMoment(time)} UTC`;
  return `${counted(pats.length, 'PAT')} of ${ownersOf(inventory)} in ${where}${when}`;
}

function ownersOf({ pats, ofIssuer, users }: Inventory): string {
  const known = users ?? new Set(pats.map(({ user }) => user)).size;
  return ofIssuer ? 'the issuing user' : counted(known, 'user');
}

/** A list that is not complete must not look like one. */
function missingView({ missing }: Inventory): HTMLElement | undefined {
  if (missing.length === 0) return undefined;
  return element(
    'div',
    { class: 'advice', role: 'note' },
    'This inventory is not complete:',
    element('ul', {}, ...missing.slice(0, 20).map(text => element('li', {}, outside(visible(text))))),
    missing.length > 20 ? `and ${grouped(missing.length - 20)} more.` : undefined,
  );
}

/** Findings that no exception covers, as in the summary of the run, and the PATs that have none. */
function figures(inventory: Inventory): HTMLElement {
  const findings = findingsThatCount(inventory);
  const count = (severity: Severity) => findings.filter(finding => finding.severity === severity).length;
  const good = inventory.pats.filter(({ worst }) => worst === undefined).length;
  return element(
    'dl',
    { class: 'figures' },
    figure('bad', 'errors', count('error')),
    figure('warning', 'warnings', count('warning')),
    figure('calm', 'notes', count('note')),
    figure('good', 'PATs without a finding', good),
  );
}

function figure(tone: string, text: string, count: number): HTMLElement {
  return element(
    'div',
    { class: `card figure ${tone}` },
    element('dt', {}, text),
    element('dd', {}, grouped(count)),
  );
}

/** Findings about no single PAT, such as an exception that has run out. */
function generalView({ general }: Inventory): HTMLElement | undefined {
  if (general.length === 0) return undefined;
  return element(
    'div',
    { class: 'advice', role: 'note' },
    'About the rules and the list as a whole:',
    element(
      'ul',
      {},
      ...general
        .slice(0, 20)
        .map(({ rule, message, repair }) =>
          element('li', {}, outside(visible(`${rule}: ${message} ${repair}`))),
        ),
    ),
  );
}
