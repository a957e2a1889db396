/** An object from outside, whose members are still unknown. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * An object from outside that should be a `T`: the names of its members are checked, what they hold is unknown until it
 * is parsed. Others may be there too.
 */
export type Unparsed<T> = JsonObject & { readonly [Member in keyof T]?: unknown };

/** The words of an enum of Azure DevOps as they stand in an answer, in lower case: which case comes is not promised. */
export type WordOf<Enum> = Lowercase<keyof Enum & string>;

/** Parses JSON that may start with a byte order mark, as some Azure DevOps answers do. Undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The objects of a list; empty when it is none. */
export function objectsOf(value: unknown): JsonObject[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.filter(isObject);
}

/** A GUID in lower case. */
export function asGuid(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)
    ? value.toLowerCase()
    : undefined;
}

const MOMENT =
  /^(?<day>\d{4}-\d{2}-\d{2})T(?<time>\d{2}:\d{2}(?::\d{2})?)(?<fraction>\.\d+)?(?<zone>Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * A moment; Azure DevOps writes up to seven digits of a second. One without a zone is UTC, wherever the agent stands,
 * and the first day of the calendar means that there is none (facts: moments without a zone).
 */
export function asMoment(value: unknown): Date | undefined {
  const { day, time, fraction = '', zone = 'Z' } = MOMENT.exec(asText(value) ?? '')?.groups ?? {};
  if (day === undefined || time === undefined || day.startsWith('0001-01-01')) return undefined;
  const moment = Date.parse(`${day}T${time}${fraction.slice(0, 4)}${written(zone)}`);
  return Number.isNaN(moment) ? undefined : new Date(moment);
}

/** The zone as every engine reads it: `Z`, or with a colon. */
function written(zone: string): string {
  return zone.length === 1 ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
