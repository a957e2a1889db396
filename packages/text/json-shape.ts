import { asGuid, asMoment } from './json.js';
import type { Pseudonyms } from './pseudonyms.js';

/** What a value is made of, and nothing that it holds: a word, the members of an object, or the kinds in a list. */
export type Shape = string | readonly Shape[] | ShapeMembers;

export interface ShapeMembers {
  readonly [member: string]: Shape;
}

/** Objects whose members are named by people, such as the variables of a group: only what stands in them counts. */
const MAPS: ReadonlySet<string> = new Set(['variables', 'data', 'parameters', 'customproperties', 'headers']);
const DEEPEST = 8;
const MOST_MEMBERS = 60;
/** Different kinds in one list. */
const MOST_KINDS = 12;
/** Values that are looked at in one text: whoever answers decides how long it is. */
const MOST_VALUES = 5_000;

/** @param names give a member that a program did not name another one */
export function shapeOf(value: unknown, names: Pseudonyms): Shape {
  let looks = 0;
  const inner = (value: unknown, depth: number): Shape => {
    if (value === null) return 'null';
    if (typeof value === 'string') return kindOfText(value);
    if (typeof value !== 'object') return typeof value;
    if (depth === DEEPEST || ++looks > MOST_VALUES) return 'more';
    const each = (values: readonly unknown[]) => kindsOf(values, member => inner(member, depth + 1));
    if (Array.isArray(value)) return each(value);
    const members = Object.entries(value);
    const shown = members.slice(0, MOST_MEMBERS).map(([name, member]): [string, Shape] => {
      const isMap = MAPS.has(name.toLowerCase()) && isPlainObject(member);
      const shape = isMap ? { each: each(Object.values(member)) } : inner(member, depth + 1);
      return [names.ofName('member', name), shape];
    });
    if (members.length > MOST_MEMBERS) shown.push(['more', 'members']);
    // Members that stand in a different order are the same answer.
    shown.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(shown);
  };
  return inner(value, 0);
}

/** On one line: `{patToken: null, patTokenError: text}`. */
export function shapeText(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  if (isList(shape)) return `[${shape.map(shapeText).join(' | ')}]`;
  const members = Object.entries(shape).map(([name, member]) => `${name}: ${shapeText(member)}`);
  return `{${members.join(', ')}}`;
}

export function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}

function kindOfText(text: string): string {
  if (text === '') return 'empty text';
  if (asGuid(text) !== undefined) return 'id';
  if (asMoment(text) !== undefined) return 'moment';
  return /^https?:\/\//i.test(text) ? 'address' : 'text';
}

/** The kinds that stand in a list, each once. */
function kindsOf(values: readonly unknown[], shape: (value: unknown) => Shape): readonly Shape[] {
  const distinct = new Map<string, Shape>();
  for (const value of values) {
    const kind = distinct.size < MOST_KINDS ? shape(value) : 'more';
    distinct.set(shapeText(kind), kind);
    if (kind === 'more') break;
  }
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
