/** Lifetimes of PATs, in milliseconds. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const YEAR = 365 * DAY;

const SPOKEN = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?$/;
const ISO_8601 = /^p(?:(\d{1,6})d)?(?:t(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m)?)?$/;

/**
 * Reads a lifetime: `90m`, `2h`, `1d`, `1h30m`, or ISO 8601 `PT2H`, `P1DT12H`; upper or lower case.
 *
 * @returns milliseconds, or undefined when the text is not a lifetime
 */
export function parseLifetime(text: string): number | undefined {
  const parts = SPOKEN.exec(text.toLowerCase()) ?? ISO_8601.exec(text.toLowerCase());
  const [days, hours, minutes] = [parts?.[1], parts?.[2], parts?.[3]];
  if (days === undefined && hours === undefined && minutes === undefined) return undefined;
  return Number(days ?? 0) * DAY + Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * MINUTE;
}

/** A lifetime as a person writes it: `1d 2h`, `90m` becomes `1h 30m`. Below a minute: seconds. */
export function formatLifetime(milliseconds: number): string {
  if (milliseconds < MINUTE) return `${Math.max(0, Math.round(milliseconds / 1000))}s`;
  const minutes = Math.round(milliseconds / MINUTE);
  const parts: string[] = [];
  if (minutes >= 1440) parts.push(`${Math.floor(minutes / 1440)}d`);
  if (minutes % 1440 >= 60) parts.push(`${Math.floor((minutes % 1440) / 60)}h`);
  if (minutes % 60 > 0) parts.push(`${minutes % 60}m`);
  return parts.join(' ');
}

/** A moment for a log line: `2026-11-23 18:05 UTC`. */
export function formatMoment(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
