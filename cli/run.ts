import type { TerminalEffects } from './effects.js';

/** Runs the story of a command, and never returns. */
export type Run = (
  options: { debug: boolean },
  story: (effects: TerminalEffects) => Promise<number>,
) => Promise<never>;
