import type { PatEvent } from '#pat/pat-event';
import { element, momentElement, outside } from './elements.js';
import type { Life, LifeMoment, LifeState } from './lives.js';
import { counted, spokenDuration, spokenMoment, spokenTime, visible } from './texts.js';

type Tone = 'good' | 'calm' | 'warning' | 'bad';

const STATES: Readonly<Record<LifeState, { readonly text: string; readonly tone: Tone }>> = {
  revoked: { text: 'Revoked', tone: 'good' },
  gone: { text: 'Gone', tone: 'good' },
  expired: { text: 'Expired', tone: 'calm' },
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
  expired: { text: 'Expired', tone: 'calm' },
  remains: { text: 'Not revoked', tone: 'bad' },
};

const ENDED: ReadonlySet<LifeState> = new Set(['revoked', 'gone', 'expired']);

/** The life of each PAT of a run; live ones first, since a person has to look at them. */
export function livesView(all: readonly Life[], now: Date): HTMLElement {
  const lives = [...all].sort((a, b) => Number(ENDED.has(a.state)) - Number(ENDED.has(b.state)));
  return element(
    'section',
    { 'aria-labelledby': 'lives-title' },
    element('h2', { id: 'lives-title' }, 'PATs of this run'),
    element('p', { class: 'summary' }, summaryOf(lives)),
    element('ol', { class: 'lives' }, ...lives.map((life, index) => lifeView(life, `life-${index}`, now))),
  );
}

function summaryOf(lives: readonly Life[]): string {
  const alive = lives.filter(({ state }) => !ENDED.has(state)).length;
  const ended = lives.length - alive;
  if (alive === 0)
    return lives.length === 1 ? 'It has ended.' : `All ${counted(lives.length, 'PAT')} have ended.`;
  return `${counted(alive, 'PAT')} ${alive === 1 ? 'is' : 'are'} alive, ${ended} ended.`;
}

function lifeView(life: Life, id: string, now: Date): HTMLElement {
  const { pat, state } = life;
  const name = visible(pat.displayName ?? '') || 'A PAT whose name is not known';
  const [, label = name, suffix = ''] = /^(.*?)(\sjob-pat:.*)$/.exec(name) ?? [];
  const scopes = life.moments.find(({ event }) => event === 'issued')?.detail ?? '';
  return element(
    'li',
    { class: 'card life', 'aria-labelledby': id },
    element(
      'div',
      { class: 'card-head' },
      element(
        'h3',
        { id },
        outside(label),
        suffix === '' ? undefined : outside(suffix.trim(), 'quiet suffix'),
      ),
      element('span', { class: `badge ${STATES[state].tone}` }, STATES[state].text),
    ),
    element(
      'dl',
      { class: 'facts' },
      ...fact('Organization', outside(visible(pat.organization))),
      ...fact('Scopes', scopes === '' ? undefined : outside(visible(scopes))),
      ...fact('Valid until', pat.validTo && momentElement(pat.validTo, `${spokenMoment(pat.validTo)} UTC`)),
      ...fact('Authorization id', pat.authorizationId && element('code', {}, pat.authorizationId)),
    ),
    lifeSpan(life, now),
    element('ol', { class: 'moments' }, ...life.moments.map(momentView)),
    advice(life),
  );
}

function fact(term: string, value: Node | string | undefined): HTMLElement[] {
  if (value === undefined || value === '') return [];
  return [element('div', {}, element('dt', {}, term), element('dd', {}, value))];
}

/** How much of the time it was allowed the PAT has lived. */
function lifeSpan({ moments, pat, state }: Life, now: Date): HTMLElement | undefined {
  const issued = moments.find(({ event }) => event === 'issued')?.time;
  if (issued === undefined || pat.validTo === undefined) return undefined;
  const allowed = pat.validTo.getTime() - issued.getTime();
  const end = endOf(moments) ?? (state === 'expired' ? pat.validTo : now);
  const lived = Math.min(Math.max(0, end.getTime() - issued.getTime()), Math.max(allowed, 0));
  const share = allowed > 0 ? lived / allowed : 1;
  const text = ENDED.has(state)
    ? `Lived ${spokenDuration(lived)} of ${spokenDuration(allowed)}`
    : `Alive for ${spokenDuration(lived)} of ${spokenDuration(allowed)}`;
  const bar = element('div', { class: `span-lived ${STATES[state].tone}` });
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
