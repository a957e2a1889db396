import type { Call } from './call.js';
import type { Reply } from './reply.js';

/** Everything the emulator can be asked for. A new area adds its operations here and its routes in a file of its own. */
export type Operation =
  | 'entra.token'
  | 'entra.deviceCode'
  | 'entra.devicePage'
  | 'entra.configuration'
  | 'greeting'
  | 'locations'
  | 'resourceAreas'
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
  | 'pipelines.list'
  | 'pipelines.run'
  | 'release.list'
  | 'release.get'
  | 'graph.users'
  | 'graph.descriptor'
  | 'graph.membershipState'
  | 'tokenadmin.list'
  | 'tokenadmin.revoke'
  | 'variablegroups.list'
  | 'variablegroups.get'
  | 'variablegroups.create'
  | 'variablegroups.update'
  | 'variablegroups.delete'
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
  | 'packages.publish'
  | 'workItems.get'
  | 'workItems.update'
  | 'git.fetch'
  | 'git.push'
  | 'git.lfs'
  | 'page'
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

interface RouteWithTemplate {
  readonly route: Route;
  readonly template: readonly Part[];
}

/** Finds the route of a request. The first route that fits wins. */
export class Router {
  readonly #routes: RouteWithTemplate[];
  #later: (() => readonly Route[]) | undefined;

  /** @param later routes behind these, made when a request is the first to get so far */
  constructor(routes: readonly Route[], later?: () => readonly Route[]) {
    this.#routes = routes.map(withTemplate);
    this.#later = later;
  }

  /** All of them, in their order. */
  get routes(): Route[] {
    const routes: Route[] = [];
    for (let index = 0; ; index++) {
      const entry = this.#at(index);
      if (!entry) return routes;
      routes.push(entry.route);
    }
  }

  match(method: string, path: string, query: URLSearchParams): Match {
    const segments = segmentsOf(path);
    if (!segments) return { kind: 'unknown' };
    const lowerCase = segments.map(segment => segment.toLowerCase());
    const allowed = new Set<string>();
    let captured: Readonly<Record<string, string>> = {};
    for (let index = 0; ; index++) {
      const { route, template } = this.#at(index) ?? {};
      if (!route || !template) break;
      if (!fits(template, lowerCase)) continue;
      const parameters = capture(template, segments);
      if (route.method !== method) {
        // What describes a resource is no resource.
        if (route.method === 'OPTIONS') continue;
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

  #at(index: number): RouteWithTemplate | undefined {
    if (index === this.#routes.length && this.#later) {
      this.#routes.push(...this.#later().map(withTemplate));
      this.#later = undefined;
    }
    return this.#routes[index];
  }
}

function withTemplate(route: Route): RouteWithTemplate {
  return { route, template: templateOf(route.path) };
}

/** The decoded segments of a path, or undefined when the percent-encoding is broken. */
function segmentsOf(path: string): string[] | undefined {
  const segments = path.split('/').slice(1);
  if (!path.includes('%')) return segments;
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** A segment of a path template. */
type Part =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'one' | 'rest'; readonly name: string };

/** Templates are few and always the same, however many services there are in a process. */
const templates = new Map<string, readonly Part[]>();

function templateOf(path: string): readonly Part[] {
  const known = templates.get(path);
  if (known) return known;
  const template = path.split('/').slice(1).map(partOf);
  templates.set(path, template);
  return template;
}

function partOf(segment: string): Part {
  const [, name, rest] = /^\{(\w+)(\*?)\}$/.exec(segment) ?? [];
  if (name === undefined) return { kind: 'text', text: segment.toLowerCase() };
  return { kind: rest === '*' ? 'rest' : 'one', name };
}

/** @param segments in lower case */
function fits(template: readonly Part[], segments: readonly string[]): boolean {
  for (let index = 0; index < template.length; index++) {
    const part = template[index];
    const segment = segments[index];
    if (part === undefined || segment === undefined) return false;
    if (part.kind === 'rest') return true;
    if (part.kind === 'text' ? part.text !== segment : segment === '') return false;
  }
  return segments.length === template.length;
}

/** What a template that fits captures. */
function capture(template: readonly Part[], segments: readonly string[]): Record<string, string> {
  const captured: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    if (part.kind === 'one') captured[part.name] = segments[index] ?? '';
    else if (part.kind === 'rest') captured[part.name] = segments.slice(index).join('/');
  }
  return captured;
}
