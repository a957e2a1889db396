/**
 * The service keeps points in time in steps of 1/300 second and writes them with up to seven fractional
 * digits, zeros at the end left out: `…19.319Z` comes back as `…19.32Z`, others as `…52.1033333Z`.
 */

/** The step nearest to this time, as whole milliseconds. */
export function kept(time: Date): Date {
  return new Date(Math.round(stepsOf(time) / 0.3));
}

/** The wire form of a time, UTC. */
export function wireTime(time: Date): string {
  const steps = stepsOf(time);
  const wholeSeconds = new Date(Math.floor(steps / 300) * 1000).toISOString().slice(0, 19);
  const fraction = ((steps % 300) / 300)
    .toFixed(7)
    .slice(1)
    .replace(/\.?0+$/, '');
  return `${wholeSeconds}${fraction}Z`;
}

/** The time that an ISO 8601 date-time with an offset names, or undefined for any other text. */
export function parseWireTime(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function stepsOf(time: Date): number {
  return Math.round(time.getTime() * 0.3);
}
