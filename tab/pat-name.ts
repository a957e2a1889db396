import { visible } from './texts.js';

/** What a person called a PAT, and what Job PAT put behind it; empty where it made no name. */
export interface SplitName {
  readonly label: string;
  readonly suffix: string;
}

/** Takes the name of a PAT apart, for reading alone: a name is a claim, and who made it is not told by it. */
export function splitName(displayName: string): SplitName {
  const name = visible(displayName);
  const [, label = name, suffix = ''] = /^(.*?\S)\s(job-pat:.*)$/.exec(name) ?? [];
  return { label, suffix };
}
