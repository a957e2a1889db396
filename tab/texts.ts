/** Longest text from outside that the page shows; the rest is an ellipsis. */
const LONGEST = 300;

/** Text from outside on one line: no control characters, and none that turns the direction of reading. */
export function visible(text: string, longest = LONGEST): string {
  const cut = text.slice(0, longest * 4);
  const line = cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const points = Array.from(line);
  return points.length > longest || cut.length < text.length ? `${points.slice(0, longest).join('')}…` : line;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A duration in its two largest units: `1 h 5 min`. */
export function spokenDuration(milliseconds: number): string {
  let left = Math.round(Math.abs(milliseconds) / 1000) * 1000;
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}

/** Day and time in UTC, as the logs of a run have it: `2026-11-25 14:03:12`. */
export function spokenMoment(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ');
}

export function spokenDay(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

export function spokenTime(moment: Date): string {
  return moment.toISOString().slice(11, 19);
}

/** `1 PAT`, `2 PATs`; thousands apart. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : several}`;
}

export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
