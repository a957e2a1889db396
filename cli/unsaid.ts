import { terminalAdvice } from '#advice/terminal';
import type { RedactingLogger } from '#agent/effects';
import type { Log, Masker } from '#text/log';

/** A log for steps that are for --debug alone: whoever takes them says what came of them. */
export function unsaid(terminal: Log & Masker): RedactingLogger {
  const debug = (text: string) => {
    terminal.debug(text);
  };
  return {
    info: debug,
    debug,
    warning: debug,
    error: debug,
    advice: terminalAdvice,
    mask: secret => {
      terminal.mask(secret);
    },
  };
}
