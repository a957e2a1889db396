import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { IssuedPat } from '#pat/create-pat';
import type { AskedTools } from '../commands/exec.js';
import type { TerminalEffects } from '../effects.js';

/** What the environment of a command needs so that its tools use the PAT. */
export interface ReadyTools {
  readonly variables: Readonly<Record<string, string>>;
  /** Removes what was written. */
  remove(): void;
}
