import type { Fault } from './queue.js';

/** Never answers; ends when the client gives up or the emulator closes. The request has no effect. */
export function hang(): Fault {
  return {
    name: 'hang',
    act: async ({ gone }) => {
      await gone();
      return 'cut';
    },
  };
}

/** Does what was asked at once, and never answers. */
export function hangAfter(): Fault {
  return {
    name: 'hang after the effect',
    act: async ({ proceed, gone }) => {
      await proceed();
      await gone();
      return 'cut';
    },
  };
}

/** Waits, then handles the request as usual. */
export function slow(milliseconds: number): Fault {
  return {
    name: `slow by ${milliseconds} ms`,
    act: async ({ pause, proceed }) => {
      await pause(milliseconds);
      return proceed();
    },
  };
}

/** Resets the connection; the request has no effect. */
export function resetBefore(): Fault {
  return { name: 'reset before the effect', act: async () => Promise.resolve('cut') };
}

/** Does what was asked, then resets the connection in place of an answer. */
export function resetAfter(): Fault {
  return {
    name: 'reset after the effect',
    act: async ({ proceed }) => {
      await proceed();
      return 'cut';
    },
  };
}

/** Resets the connection; what was asked happens only so many milliseconds later. */
export function resetThenEffect(milliseconds: number): Fault {
  return {
    name: `effect ${milliseconds} ms after a reset`,
    act: async ({ cut, pause, proceed }) => {
      cut();
      await pause(milliseconds);
      await proceed();
      return 'cut';
    },
  };
}

/** Waits until the client is gone; what was asked happens only so many milliseconds after that. */
export function effectAfterClientLeft(milliseconds: number): Fault {
  return {
    name: `effect ${milliseconds} ms after the client left`,
    act: async ({ gone, pause, proceed }) => {
      await gone();
      await pause(milliseconds);
      await proceed();
      return 'cut';
    },
  };
}
