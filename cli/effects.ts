import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock } from '#http/clock';
import type { Effects } from '#agent/effects';
import type { Http } from '#http/http';
import { debugged, ExchangeRedactor } from '#http/redacted-exchange';
import { Failure } from '#advice/failure';
import { environmentHttp } from './network.js';
import { Reach } from './reach.js';
import type { Signals } from './signals.js';
import type { Terminal } from './terminal.js';

/** What a command does to the world; `agent` is the terminal. */
export interface TerminalEffects extends Effects<Terminal> {
  /** Aborted when the person wants no more. */
  readonly cancelled: AbortSignal;
  /** Where credentials may go. */
  readonly reach: Reach;
  /** What asks this process to end. */
  readonly signals: Signals;
  readonly cleanup: TerminalEffects;
}

/**
 * Network, clock and random numbers of a command. With `cancelled` every request and wait ends; those of `cleanup` go
 * on, since ending a PAT is not given up.
 */
export function terminalEffects(
  terminal: Terminal,
  version: string,
  cancelled: AbortSignal,
  signals: Signals,
): TerminalEffects {
  setMaxListeners(0, cancelled);
  const reach = new Reach();
  const redactor = new ExchangeRedactor();
  const shown = (http: Http) => (terminal.debugging ? debugged(http, redactor, Date.now, terminal) : http);
  const http = (signal: AbortSignal) =>
    shown(
      environmentHttp(
        `JobPat/${version} (job-pat)`,
        process.env,
        secret => {
          terminal.mask(secret);
        },
        request => {
          reach.assertAmong(request);
        },
        signal,
      ),
    );
  const never = new AbortController().signal;
  const cleanup: TerminalEffects = {
    agent: terminal,
    clock: systemClock,
    http: http(never),
    nonce,
    cancelled: never,
    reach,
    signals,
    get cleanup() {
      return cleanup;
    },
  };
  return {
    ...cleanup,
    clock: cancellableClock(cancelled),
    http: http(cancelled),
    cancelled,
    cleanup,
  };
}

function nonce(): string {
  return randomBytes(4).toString('hex');
}

function cancellableClock(cancelled: AbortSignal): Clock {
  return {
    now: () => systemClock.now(),
    wait: async milliseconds => {
      try {
        await delay(milliseconds, undefined, { signal: cancelled });
      } catch (error) {
        throw new Failure('cancelled', 'Stopped.', '', { cause: error });
      }
    },
  };
}
