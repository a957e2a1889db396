import type { Call } from './call.js';
import type { Reply } from './reply.js';

/** Everything the emulator can be asked for. A new area adds its operations here and its routes in a file of its own. */
export type Operation =
  | 'entra.token'
  | 'entra.deviceCode'
  | 'entra.devicePage'
  | 'entra.configuration'
  | 'greeting'
  | 'pats.create'
  | 'pats.get'
  | 'pats.list'
  | 'pats.update'
  | 'pats.revoke'
  | 'connectionData'
  | 'projects'
  | 'projects.get'
  | 'build.list'
  | 'build.get'
  | 'build.timeline'
  | 'build.attachments'
  | 'build.attachment'
  | 'release.list'
  | 'release.get'
  | 'graph.users'
  | 'graph.descriptor'
  | 'graph.membershipState'
  | 'tokenadmin.list'
  | 'tokenadmin.revoke'
  | 'variablegroups.list'
  | 'variablegroups.get'
  | 'variablegroups.update'
  | 'serviceendpoint.list'
  | 'serviceendpoint.get'
  | 'serviceendpoint.create'
  | 'serviceendpoint.update'
  | 'serviceendpoint.delete'
  | 'oidctoken'
  | 'jwks'
  | 'keyvault.get'
  | 'keyvault.versions'
  | 'keyvault.set'
  | 'packages'
  | 'git.fetch'
  | 'git.push'
  | 'unknown';

type FamilyOf<Name extends string> = Name extends `${infer Family}.${string}` ? Family : never;

/** One operation, a family of them (`pats`, `git`, `build` and so on) or all (`*`). */
export type OperationFilter = Operation | FamilyOf<Operation> | '*';

export function isOperation(filter: OperationFilter, operation: Operation): boolean {
  return filter === '*' || filter === operation || operation.startsWith(`${filter}.`);
}

/** Looks at what goes in and out of a route; never changes it. */
export interface Inspection {
  request(call: Call, operation: Operation): void;
  answer(call: Call, operation: Operation, reply: Reply): void;
}

export interface Route {
  readonly operation: Operation;
  readonly method: string;
  /** Segments compared without regard to case; `{name}` captures one, `{name*}` at the end captures the rest. */
  readonly path: string;
  /** Tells apart operations that share method and path. */
  readonly when?: (query: URLSearchParams, rest: string) => boolean;
  readonly inspect?: Inspection;
  handle(call: Call): Reply | Promise<Reply>;
}

export type Match =
  | { readonly kind: 'found'; readonly route: Route; readonly parameters: Readonly<Record<string, string>> }
  | {
      readonly kind: 'wrongMethod';
      readonly parameters: Readonly<Record<string, string>>;
      readonly allowed: string[];
    }
  | { readonly kind: 'unknown' };

/** Finds the route of a request. The first route that fits wins. */
export class Router {
  readonly #routes: { readonly route: Route; readonly template: readonly Part[] }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(route => ({ route, template: route.path.split('/').slice(1).map(partOf) }));
  }

  match(method: string, path: string, query: URLSearchParams): Match {
    const segments = segmentsOf(path);
    if (!segments) return { kind: 'unknown' };
    const allowed = new Set<string>();
    let captured: Readonly<Record<string, string>> = {};
    for (const { route, template } of this.#routes) {
      const parameters = capture(template, segments);
      if (!parameters) continue;
      if (route.method !== method) {
        allowed.add(route.method);
        captured = parameters;
      } else if (route.when?.(query, parameters['rest'] ?? '') ?? true) {
        return { kind: 'found', route, parameters };
      }
    }
    return allowed.size > 0
      ? { kind: 'wrongMethod', parameters: captured, allowed: [...allowed] }
      : { kind: 'unknown' };
  }
}

/** The decoded segments of a path, or undefined when the percent-encoding is broken. */
function segmentsOf(path: string): string[] | undefined {
  try {
    return path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** A segment of a path template. */
type Part =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'one' | 'rest'; readonly name: string };

function partOf(segment: string): Part {
  const [, name, rest] = /^\{(\w+)(\*?)\}$/.exec(segment) ?? [];
  if (name === undefined) return { kind: 'text', text: segment.toLowerCase() };
  return { kind: rest === '*' ? 'rest' : 'one', name };
}

function capture(template: readonly Part[], segments: readonly string[]): Record<string, string> | undefined {
  const captured: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    switch (part.kind) {
      case 'text':
        if (part.text !== segment.toLowerCase()) return undefined;
        break;
      case 'one':
        if (segment === '') return undefined;
        captured[part.name] = segment;
        break;
      case 'rest':
        captured[part.name] = segments.slice(index).join('/');
        return captured;
    }
  }
  return segments.length === template.length ? captured : undefined;
}
