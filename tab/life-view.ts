import type { PatEvent } from '#pat/pat-event';
import { element, momentElement, outside } from './elements.js';
import type { Life, LifeMoment, LifeState } from './lives.js';
import { patActions } from './pat-actions.js';
import { splitName } from './pat-name.js';
import { labelView, suffixView } from './pat-name-view.js';
import { spokenDuration, spokenMoment, spokenTime, visible } from './texts.js';

type Tone = 'good' | 'calm' | 'past' | 'warning' | 'bad';

const STATES: Readonly<Record<LifeState, { readonly text: string; readonly tone: Tone }>> = {
  revoked: { text: 'Revoked', tone: 'good' },
  gone: { text: 'Gone', tone: 'good' },
  expired: { text: 'Ran out', tone: 'past' },
  inUse: { text: 'In use', tone: 'calm' },
  handedOver: { text: 'Alive, left to a later job', tone: 'warning' },
  remains: { text: 'Still alive', tone: 'bad' },
  forgotten: { text: 'Still alive', tone: 'bad' },
};

const EVENTS: Readonly<Record<PatEvent, { readonly text: string; readonly tone: Tone }>> = {
  issued: { text: 'Issued', tone: 'calm' },
  exposed: { text: 'Exposed', tone: 'calm' },
  handedOver: { text: 'Left to a later job', tone: 'warning' },
  revoked: { text: 'Revoked', tone: 'good' },
  gone: { text: 'Found to be gone', tone: 'good' },
  expired: { text: 'Ran out', tone: 'past' },
  remains: { text: 'Not revoked', tone: 'bad' },
};

export const ENDED: ReadonlySet<LifeState> = new Set(['revoked', 'gone', 'expired']);

/** The run is over, or gave up, and they live. */
const NEEDS_A_LOOK: ReadonlySet<LifeState> = new Set(['remains', 'forgotten']);

const UNNAMED = 'A PAT whose name is not known';

/** A life as a card with everything that is known of it. */
export function lifeCard(life: Life, id: string, now: Date): HTMLElement {
  const name = splitName(life.pat.displayName ?? '');
  return element(
    'li',
    { class: 'card life', 'aria-labelledby': id },
    element(
      'div',
      { class: 'card-head' },
      element('h3', { id }, labelView(name, UNNAMED), suffixView(name)),
      badge(life),
    ),
    ...bodyOf(life, now),
  );
}

/** A life as one line that unfolds to the same; those that somebody has to look at are unfolded. */
export function lifeLine(life: Life, id: string, now: Date): HTMLElement {
  const name = splitName(life.pat.displayName ?? '');
  return element(
    'li',
    { class: 'life line', 'aria-labelledby': id },
    element(
      'details',
      { open: NEEDS_A_LOOK.has(life.state) ? '' : undefined },
      element(
        'summary',
        {},
        element('span', { id, class: 'line-name' }, labelView(name, UNNAMED)),
        element('span', { class: 'line-scopes quiet' }, scopesOf(life)),
        element('span', { class: 'line-span quiet' }, lifeSpan(life, now)?.text),
        badge(life),
      ),
      element('div', { class: 'line-body' }, suffixView(name), ...bodyOf(life, now)),
    ),
  );
}

function badge({ state }: Life): HTMLElement {
  return element('span', { class: `badge ${STATES[state].tone}` }, STATES[state].text);
}

function bodyOf(life: Life, now: Date): (HTMLElement | undefined)[] {
  const { pat, state } = life;
  const { authorizationId, organization, displayName = '' } = pat;
  const scopes = scopesOf(life);
  const span = lifeSpan(life, now);
  return [
    element(
      'dl',
      { class: 'facts' },
      ...fact('Organization', outside(visible(organization))),
      ...fact('Scopes', scopes === '' ? undefined : outside(scopes)),
      ...fact('Valid until', pat.validTo && momentElement(pat.validTo, `${spokenMoment(pat.validTo)} UTC`)),
      ...fact('Authorization id', authorizationId && element('code', {}, authorizationId)),
    ),
    span === undefined ? undefined : spanView(span, STATES[state].tone),
    element('ol', { class: 'moments' }, ...life.moments.map(momentView)),
    advice(life),
    authorizationId === undefined || ENDED.has(state)
      ? undefined
      : patActions({ authorizationId, organization, displayName, user: undefined }, true),
  ];
}

function scopesOf({ moments }: Life): string {
  return visible(moments.find(({ event }) => event === 'issued')?.detail ?? '');
}

function fact(term: string, value: Node | string | undefined): HTMLElement[] {
  if (value === undefined || value === '') return [];
  return [element('div', {}, element('dt', {}, term), element('dd', {}, value))];
}

interface LifeSpan {
  readonly text: string;
  /** From 0 to 1. */
  readonly share: number;
}

/** How much of the time it was allowed the PAT has lived; undefined: nobody knows. */
function lifeSpan({ moments, pat, state }: Life, now: Date): LifeSpan | undefined {
  const issued = moments.find(({ event }) => event === 'issued')?.time;
  if (issued === undefined || pat.validTo === undefined) return undefined;
  const allowed = pat.validTo.getTime() - issued.getTime();
  const end = endOf(moments) ?? (state === 'expired' ? pat.validTo : now);
  const lived = Math.min(Math.max(0, end.getTime() - issued.getTime()), Math.max(allowed, 0));
  const share = allowed > 0 ? lived / allowed : 1;
  const text = ENDED.has(state)
    ? `Lived ${spokenDuration(lived)} of ${spokenDuration(allowed)}`
    : `Alive for ${spokenDuration(lived)} of ${spokenDuration(allowed)}`;
  return { text, share };
}

function spanView({ text, share }: LifeSpan, tone: Tone): HTMLElement {
  const bar = element('div', { class: `span-lived ${tone}` });
  bar.style.width = `${Math.max(share * 100, 0.6)}%`;
  return element(
    'div',
    { class: 'span' },
    element('div', { class: 'span-bar', role: 'img', 'aria-label': text }, bar),
    element('div', { class: 'span-text quiet', 'aria-hidden': 'true' }, text),
  );
}

function endOf(moments: readonly LifeMoment[]): Date | undefined {
  return moments.find(({ event }) => event === 'revoked' || event === 'gone' || event === 'expired')?.time;
}

function momentView({ event, time, detail, step, job }: LifeMoment): HTMLElement {
  const { text, tone } = EVENTS[event];
  const place = [step, job].map(name => visible(name, 80)).filter(name => name !== '');
  const more = event === 'issued' ? '' : visible(detail);
  return element(
    'li',
    { class: `moment ${tone}` },
    momentElement(time, spokenTime(time)),
    element(
      'span',
      { class: 'moment-event' },
      text,
      more === '' ? undefined : ' ',
      more === '' ? undefined : outside(more, 'quiet'),
    ),
    element(
      'span',
      { class: 'moment-place quiet' },
      ...place.flatMap((name, index) => [index === 0 ? undefined : ' in ', outside(name)]),
    ),
  );
}

function advice({ state, pat }: Life): HTMLElement | undefined {
  const ids = pat.authorizationId === undefined ? '' : ` Its authorization id is ${pat.authorizationId}.`;
  switch (state) {
    case 'remains':
      return element(
        'p',
        { class: 'advice' },
        `Revoking it failed; the log of the step says why. Revoke it with RevokePat@1, or in the settings of the issuing user.${ids}`,
      );
    case 'forgotten':
      return element(
        'p',
        { class: 'advice' },
        `The run is over, and no step of it revoked this PAT. Revoke it with RevokePat@1, or in the settings of the issuing user.${ids}`,
      );
    case 'handedOver':
      return element(
        'p',
        { class: 'advice' },
        'The step has revoke: never. A later job is to revoke it with RevokePat@1; else it ends when its lifetime does.',
      );
    default:
      return undefined;
  }
}
