import { asGuid, asMoment } from './json.js';
import type { Pseudonyms } from './pseudonyms.js';

/** What a value is made of, and nothing that it holds: a word, the members of an object, or the one kind in a list. */
export type Shape = string | readonly Shape[] | ShapeMembers;

export interface ShapeMembers {
  readonly [member: string]: Shape;
}

/** Objects whose members are named by people, such as the variables of a group: only what stands in them counts. */
const MAPS: ReadonlySet<string> = new Set(['variables', 'data', 'parameters', 'customproperties', 'headers']);
const DEEPEST = 8;
const MOST_MEMBERS = 60;

/** @param names give a member that a program did not name another one */
export function shapeOf(value: unknown, names: Pseudonyms, depth = 0): Shape {
  if (value === null) return 'null';
  if (typeof value === 'string') return kindOfText(value);
  if (typeof value !== 'object') return typeof value;
  if (depth === DEEPEST) return 'deeper';
  const inner = (each: unknown) => shapeOf(each, names, depth + 1);
  if (Array.isArray(value)) return oneOf(value.map(inner));
  const members = Object.entries(value);
  const shown = members.slice(0, MOST_MEMBERS).map(([name, member]): [string, Shape] => {
    const shape =
      MAPS.has(name.toLowerCase()) && isPlainObject(member)
        ? { each: oneOf(Object.values(member).map(inner)) }
        : inner(member);
    return [names.ofName('member', name), shape];
  });
  if (members.length > MOST_MEMBERS) shown.push(['more', 'members']);
  // Members that stand in a different order are the same answer.
  shown.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(shown);
}

/** On one line: `{patToken: null, patTokenError: text}`. */
export function shapeText(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  if (isList(shape)) return `[${shape.map(shapeText).join(' | ')}]`;
  const members = Object.entries(shape).map(([name, member]) => `${name}: ${shapeText(member)}`);
  return `{${members.join(', ')}}`;
}

function kindOfText(text: string): string {
  if (text === '') return 'empty text';
  if (asGuid(text) !== undefined) return 'id';
  if (asMoment(text) !== undefined) return 'moment';
  return /^https?:\/\//i.test(text) ? 'address' : 'text';
}

/** The kinds that stand in a list, each once. */
function oneOf(shapes: readonly Shape[]): readonly Shape[] {
  const distinct = new Map(shapes.map(shape => [shapeText(shape), shape]));
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, shape]) => shape);
}

export function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
