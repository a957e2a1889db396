import { createHmac } from 'node:crypto';
import { agentState, REFRESH_TOKEN, START, type Step } from './world.js';

/** A PAT as an earlier stage left it on its record. */
export interface Left {
  readonly displayName: string;
  readonly organization?: string;
  readonly validTo?: string;
  /** By default long before this stage. */
  readonly asked?: Date;
  readonly authorizationId?: string;
}

/** Who sealed it: by default the very step that reads it. */
export interface Sealing {
  readonly secret?: string;
  readonly step?: Step;
}

/** The task variables that hold such a record, sealed by the step itself. */
export function recorded(...pats: readonly Left[]): Record<string, string> {
  return { 'JobPat.Record': sealed({ pats: pats.map(entryOf) }) };
}

/** A text as a stage leaves it for the next one; the seal is made here anew, by the letter of the contract. */
export function sealed(
  content: object,
  { secret = REFRESH_TOKEN, step = {} }: Sealing = {},
  beside = '',
): string {
  const { variables } = agentState(step);
  const names = [
    'System.TeamProjectId',
    'Build.BuildId',
    'Release.ReleaseId',
    'System.JobId',
    'System.TaskInstanceId',
  ];
  const text = JSON.stringify({ place: names.map(name => variables[name] ?? ''), ...content });
  const key = createHmac('sha256', secret).update('Job PAT: seal of a step').digest();
  const seal = createHmac('sha256', key)
    .update(JSON.stringify([text, beside]))
    .digest('hex');
  return `${seal} ${text}`;
}

export function entryOf({ organization, validTo, asked, ...pat }: Left): Record<string, string> {
  return {
    ...pat,
    organization: organization ?? 'https://dev.azure.com/contoso',
    validTo: validTo ?? '2026-03-01T11:00:00.000Z',
    asked: (asked ?? new Date(START.getTime() - 60_000)).toISOString(),
  };
}

/** The PATs that a record holds. */
export function patsOn(record: string | undefined): Left[] {
  const { pats } = JSON.parse((record ?? '').replace(/^\S+ /, '')) as { pats: Left[] };
  return pats;
}
