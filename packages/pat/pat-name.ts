/** Longest display name of a PAT. The service publishes no limit; this one is ours. */
export const LONGEST_NAME = 128;

/** What may stand in front of the generated part of a name. */
export const LABEL = /^[A-Za-z0-9 ._:/-]+$/;
export const LABEL_EXAMPLE = 'Nightly mirror';

/** Says why a label cannot stand in a display name, or nothing when it can. */
export function labelFault(label: string): string | undefined {
  if (label.length > LONGEST_NAME) return `has ${label.length} characters; ${LONGEST_NAME} are the most`;
  if (!LABEL.test(label)) return 'may hold ASCII letters, digits, blanks and . _ : / - only';
  if (/job-pat:/i.test(label)) return 'may not hold "job-pat:", which marks the generated part of the name';
  return undefined;
}

/** Whether a name is no longer than any of ours, and holds the mark once: no label holds it, so a second one is somebody's. */
export function hasOneMark(name: string): boolean {
  return name.length <= LONGEST_NAME && name.toLowerCase().split('job-pat:').length === 2;
}
