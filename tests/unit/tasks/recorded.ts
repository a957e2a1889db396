import { START } from './world.js';

/** A PAT as an earlier stage left it on its record. */
export interface Left {
  readonly displayName: string;
  readonly organization?: string;
  readonly validTo?: string;
  /** By default long before this stage. */
  readonly asked?: Date;
  readonly authorizationId?: string;
}

/** The task variables that hold such a record. */
export function recorded(...pats: readonly Left[]): Record<string, string> {
  return { 'JobPat.Record': JSON.stringify(pats.map(entryOf)) };
}

function entryOf({ organization, validTo, asked, ...pat }: Left): Record<string, string> {
  return {
    ...pat,
    organization: organization ?? 'https://dev.azure.com/contoso',
    validTo: validTo ?? '2026-03-01T11:00:00.000Z',
    asked: (asked ?? new Date(START.getTime() - 60_000)).toISOString(),
  };
}
