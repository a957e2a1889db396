import type { IncomingHttpHeaders } from 'node:http';

/** One request, read completely, with the place in the service it was sent to. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** What the route's path template captured, for instance `organization`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The value of a request header, or undefined. Repeated headers are joined the way Node joins them. */
export function headerOf(call: Call, name: string): string | undefined {
  const value = call.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The value of a query parameter; names are matched without regard to case, as ASP.NET does. */
export function queryOf(call: Call, name: string): string | undefined {
  const asWritten = call.query.get(name);
  if (asWritten !== null) return asWritten;
  for (const [key, value] of call.query) if (key.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}

/** The media type of the request body, without parameters, in lower case; empty when none was sent. */
export function mediaTypeOf(call: Call): string {
  return (headerOf(call, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** What the path template captured under this name. Throws when the route's template has no such name. */
export function parameterOf(call: Call, name: string): string {
  const value = call.parameters[name];
  if (value === undefined) throw new Error(`The route captures no parameter named ${name}.`);
  return value;
}
