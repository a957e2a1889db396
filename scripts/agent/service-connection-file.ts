import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject, objectOf, parseJsonObject, textOf } from '#local-agent/json';
import type { ServiceConnection } from '#local-agent/index';

/**
 * Reads a service connection from a JSON file: `url`, `scheme`, `parameters`, `data` and, if its id matters, `id`.
 * Throws an error that names the file.
 */
export function readServiceConnection(path: string): ServiceConnection {
  return serviceConnectionOf(parseJsonObject(readFileSync(path, 'utf8'), path), path);
}

/** The same of what was read already. Throws an error that names where it comes from. */
export function serviceConnectionOf(json: JsonObject, path: string): ServiceConnection {
  const [url, scheme, id] = [textOf(json, 'url'), textOf(json, 'scheme'), textOf(json, 'id')];
  if (!URL.canParse(url)) throw new Error(`${path}: url is missing or is no URL.`);
  if (scheme === '') throw new Error(`${path}: scheme is missing, such as "Token".`);
  for (const member of ['parameters', 'data']) {
    if (json[member] !== undefined && !isJsonObject(json[member]))
      throw new Error(`${path}: ${member} must be an object.`);
  }
  return {
    url,
    scheme,
    parameters: texts(objectOf(json, 'parameters')),
    data: texts(objectOf(json, 'data')),
    ...(id !== '' && { id }),
  };
}

/** The members of an object as texts. */
export function texts(object: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.keys(object).map(name => [name, textOf(object, name)]));
}
