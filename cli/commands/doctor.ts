import type { TerminalEffects } from '../effects.js';
import type { SignInOptions } from '../options.js';
export interface DoctorOptions extends SignInOptions {
  readonly project?: string;
  readonly name: string;
  readonly json: boolean;
}
export function doctor(_options: DoctorOptions, _effects: TerminalEffects): Promise<number> {
  return Promise.resolve(2);
}
