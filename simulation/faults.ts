import type { Random } from './random.js';

/** What can happen to a request on its way, or in the service; milliseconds. */
export type Fault =
  /** Nobody listens: it was certainly not carried out. */
  | { readonly kind: 'no connection' }
  | { readonly kind: 'lost before' }
  | { readonly kind: 'lost after' }
  /** The client gives up, and only then, so much later, it is carried out. */
  | { readonly kind: 'late'; readonly by: number; readonly silently: boolean }
  | { readonly kind: 'slow'; readonly by: number }
  | { readonly kind: 'hangs'; readonly done: boolean }
  | { readonly kind: 'throttled'; readonly seconds: number | undefined }
  | { readonly kind: 'error'; readonly status: number; readonly done: boolean }
  /** 203 with a page, or 401. */
  | { readonly kind: 'not signed in'; readonly status: 203 | 401 }
  /** 200 with somebody else's page, whether or not the request was passed on. */
  | { readonly kind: 'page'; readonly done: boolean }
  /** 302 to a sign-in page, whether or not the request was passed on. */
  | { readonly kind: 'redirect'; readonly done: boolean }
  | { readonly kind: 'cut answer' }
  /** Carried out, and answered with what somebody else asked for, where that can be seen. */
  | { readonly kind: 'crossed answer' }
  | { readonly kind: 'other answer'; readonly body: string }
  /** A list as it was so long ago. */
  | { readonly kind: 'lagging list'; readonly by: number };

export interface PlannedFault {
  /** Which request of the stage, counted from 0. */
  readonly request: number;
  readonly fault: Fault;
}

/** How a stage is stopped, at which of its calls (requests, waits, messages to the agent), counted from 0. */
export interface Stop {
  readonly call: number;
  /** `during`: the request of that call is already on its way. */
  readonly moment: 'before' | 'during';
  /** `cancel`: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL. */
  readonly how: 'cancel' | 'kill';
}

const OTHER_ANSWERS = ['{}', '[]', 'null', '{"count":0,"value":[]}', '{"value":[{}]}', '"text"', ''];

export function drawFault(random: Random): Fault {
  const kinds: readonly (() => Fault)[] = [
    () => ({ kind: 'no connection' }),
    () => ({ kind: 'lost before' }),
    () => ({ kind: 'lost after' }),
    () => ({ kind: 'lost after' }),
    () => ({ kind: 'late', by: random.between(0, 60_000), silently: random.chance(0.5) }),
    () => ({ kind: 'late', by: random.between(0, 5_000), silently: false }),
    () => ({ kind: 'slow', by: random.between(100, 40_000) }),
    () => ({ kind: 'hangs', done: random.chance(0.5) }),
    () => ({ kind: 'throttled', seconds: random.chance(0.5) ? random.between(0, 30) : undefined }),
    () => ({ kind: 'error', status: 500, done: random.chance(0.5) }),
    () => ({ kind: 'error', status: 503, done: false }),
    () => ({ kind: 'error', status: random.pick([502, 504]), done: random.chance(0.5) }),
    () => ({ kind: 'redirect', done: random.chance(0.5) }),
    () => ({ kind: 'crossed answer' }),
    () => ({ kind: 'crossed answer' }),
    () => ({ kind: 'not signed in', status: random.pick([203, 401]) }),
    () => ({ kind: 'page', done: random.chance(0.5) }),
    () => ({ kind: 'cut answer' }),
    () => ({ kind: 'other answer', body: random.pick(OTHER_ANSWERS) }),
    () => ({ kind: 'lagging list', by: random.between(1_000, 20_000) }),
  ];
  return random.pick(kinds)();
}

/** The fault as a person would tell it. */
export function tellFault(fault: Fault): string {
  switch (fault.kind) {
    case 'late':
      return `carried out ${seconds(fault.by)} after the client gave up${fault.silently ? ', which it did by its own clock' : ''}`;
    case 'slow':
      return `slow by ${seconds(fault.by)}`;
    case 'hangs':
      return fault.done ? 'carried out, never answered' : 'never answered';
    case 'throttled':
      return fault.seconds === undefined ? '429' : `429, come back in ${fault.seconds} s`;
    case 'error':
      return `${fault.status}, ${fault.done ? 'carried out' : 'not carried out'}`;
    case 'not signed in':
      return `${fault.status}, not signed in`;
    case 'page':
      return `200 with a page, ${fault.done ? 'carried out' : 'not carried out'}`;
    case 'redirect':
      return `302 to a page, ${fault.done ? 'carried out' : 'not carried out'}`;
    case 'crossed answer':
      return 'carried out, answered with what was asked before';
    case 'cut answer':
      return 'carried out, answer cut in the middle';
    case 'other answer':
      return `carried out, answered with ${fault.body === '' ? 'nothing' : fault.body}`;
    case 'lagging list':
      return `answered from ${seconds(fault.by)} ago, if it is a list`;
    case 'no connection':
    case 'lost before':
    case 'lost after':
      return fault.kind;
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
