import type { Severity } from './inventory.js';

/** How a severity is called and coloured. */
export const severityLook: Readonly<Record<Severity, { readonly text: string; readonly tone: string }>> = {
  error: { text: 'Error', tone: 'bad' },
  warning: { text: 'Warning', tone: 'warning' },
  note: { text: 'Note', tone: 'calm' },
};
