import { element, outside, type Content } from './elements.js';
import type { SplitName } from './pat-name.js';

/** The part that Job PAT made, below the label; nothing where there is none. */
export function suffixView({ suffix }: SplitName): Content {
  return suffix === '' ? undefined : outside(suffix, 'quiet suffix');
}

/** A label in one line, as it stands in a list. */
export function labelView({ label }: SplitName, unnamed: string): HTMLElement {
  return label === '' ? element('span', {}, unnamed) : outside(label);
}
