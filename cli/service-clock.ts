import type { Clock } from '#http/clock';
import type { TerminalEffects } from './effects.js';
import type { Greeting } from './tenant.js';

/** The header Date tells whole seconds. */
const SECOND = 1_000;

/** How far this machine's clock is ahead of that of the service, in milliseconds; undefined where it does not tell. */
export function aheadOfService({ date, heard }: Pick<Greeting, 'date' | 'heard'>): number | undefined {
  return date === undefined ? undefined : heard.getTime() - date.getTime();
}

/**
 * The same effects by the clock of the service: the end of a PAT is judged there. It is never behind that clock by
 * what the service cuts off, so that a lifetime that is just long enough stays so.
 */
export function withServiceClock(
  effects: TerminalEffects,
  greeting: Pick<Greeting, 'date' | 'heard'>,
): TerminalEffects {
  const ahead = aheadOfService(greeting);
  if (ahead === undefined) return effects;
  const shifted = (clock: Clock): Clock => ({
    now: () => new Date(clock.now().getTime() - ahead + SECOND),
    wait: milliseconds => clock.wait(milliseconds),
  });
  const cleanup: TerminalEffects = {
    ...effects.cleanup,
    clock: shifted(effects.cleanup.clock),
    get cleanup() {
      return cleanup;
    },
  };
  return { ...effects, clock: shifted(effects.clock), cleanup };
}
