import type { Emulator } from '#emulator/index';
import type { Package } from '../package-extension.js';

/** What every part of the benchmark works with. */
export interface Setting {
  readonly emulator: Emulator;
  readonly package: Package;
  /** The folder of the packed tasks. */
  readonly tasks: string;
  /** Another version to measure beside today's, pair by pair. */
  readonly against?: { readonly label: string; readonly tasks: string } | undefined;
  /** Whether a step of the wire, by what it is called, is measured. */
  readonly steps: (what: string) => boolean;
  /** Pairs for each row of a comparison. */
  readonly runs: number;
  /** Tells a person who waits what is measured now. */
  readonly say: (text: string) => void;
}

/** A part of the benchmark: what it measures, as a table. */
export type Part = (setting: Setting) => Promise<string>;
