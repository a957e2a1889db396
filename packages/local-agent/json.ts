/** A JSON object whose members are still to be checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses a file that must hold a JSON object; throws an error that names the file. */
export function parseJsonObject(text: string, name: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error(`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (!isJsonObject(value)) throw new Error(`${name} does not hold a JSON object.`);
  return value;
}

export function textOf(object: JsonObject, member: string): string {
  const value = object[member];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

export function objectOf(object: JsonObject, member: string): JsonObject {
  const value = object[member];
  return isJsonObject(value) ? value : {};
}

/** The objects of an array member; an absent member is an empty list. */
export function objectsOf(object: JsonObject, member: string): JsonObject[] {
  const value = object[member];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

export function stringsOf(object: JsonObject, member: string): string[] | undefined {
  const value = object[member];
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : undefined;
}
