import { element, outside, type Content } from './elements.js';
import { isActive } from './inventory-filter.js';
import type { InventoryPat } from './inventory.js';
import { patActions } from './pat-actions.js';
import { severityLook } from './severity-look.js';
import { spokenMoment, visible } from './texts.js';

/** What a row unfolds: what is wrong with its repair, everything known of the PAT, and what can be done about it. */
export function patDetails(pat: InventoryPat, ofIssuer: boolean): HTMLElement {
  const { authorizationId, organization, displayName, signInName } = pat;
  const facts: [string, Content][] = [
    ['Authorization id', element('code', {}, authorizationId)],
    ['Organization', outside(visible(organization, 60))],
    ['Valid', spanOf(pat)],
    ['State', outside(visible(pat.state))],
    ['Scopes', outside(visible(pat.scopes.join(' '), 2000))],
  ];
  const user = ofIssuer ? undefined : (signInName ?? '');
  return element(
    'div',
    { class: 'details' },
    element('ul', {}, ...pat.findings.map(findingView)),
    element(
      'dl',
      { class: 'facts' },
      ...facts.map(([term, value]) => element('div', {}, element('dt', {}, term), element('dd', {}, value))),
    ),
    patActions({ authorizationId, organization, displayName, user }, isActive(pat)),
  );
}

function findingView({
  rule,
  severity,
  message,
  repair,
  excepted,
}: InventoryPat['findings'][number]): HTMLElement {
  const { text, tone } = severityLook[severity];
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
