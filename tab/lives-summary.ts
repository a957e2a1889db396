import type { Life, LifeState } from './lives.js';
import { counted, grouped } from './texts.js';

/** How it is said that so many PATs stand so, in the order of what a person has to know first. */
const PHRASES: readonly (readonly [readonly LifeState[], (count: string) => string])[] = [
  [['remains', 'forgotten'], count => `${count} still alive`],
  [['handedOver'], count => `${count} left to a later job`],
  [['inUse'], count => `${count} in use`],
  [['revoked'], count => `${count} revoked`],
  [['gone'], count => `${count} found to be gone`],
  [['expired'], count => `${count} ran out`],
];

/** `40 PATs: 32 revoked, 8 ran out.` */
export function summaryOf(lives: readonly Pick<Life, 'state'>[]): string {
  const parts = PHRASES.flatMap(([states, phrase]) => {
    const count = lives.filter(({ state }) => states.includes(state)).length;
    // Of a single one the figure says nothing.
    return count === 0 ? [] : [phrase(lives.length === 1 ? '' : grouped(count)).trim()];
  });
  return `${counted(lives.length, 'PAT')}: ${parts.join(', ')}.`;
}
