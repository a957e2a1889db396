import { parse } from 'yaml';
import { asObject, asText, objectsOf } from '#text/json';
import type { Shape } from '#text/json-shape';
import type { Verdict } from '../../cli/report/answers.js';
import { isAssumption, type AssumptionId } from '../../cli/report/assumptions.js';

/** What the file of `job-pat doctor --report` says of one question. */
export interface ReportedQuestion {
  readonly id: AssumptionId;
  readonly verdict: Verdict;
  readonly because: string;
  readonly requests: readonly ReportedRequest[];
}

export interface ReportedRequest {
  readonly method: string;
  readonly path: string;
  /** Undefined: no answer. */
  readonly status: number | undefined;
  readonly headers: readonly string[];
  readonly body: Shape;
}

/** What cannot be read as such a file. */
export class ReportFault extends Error {
  override readonly name = 'ReportFault';
}

/** @throws ReportFault */
export function readReport(text: string): ReportedQuestion[] {
  let file;
  try {
    file = asObject(parse(text));
  } catch (error) {
    throw new ReportFault(`It is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (file?.['format'] !== 1)
    throw new ReportFault('It is no report of "job-pat doctor --report", or of a later one.');
  const questions = objectsOf(file['questions']).flatMap(question => {
    const id = asText(question['id']) ?? '';
    const verdict = verdictIn(question['verdict']);
    // A question that is asked no more, or not yet, has nothing to be held against.
    if (!isAssumption(id) || verdict === undefined) return [];
    const requests = objectsOf(question['requests']).map(readRequest);
    return [{ id, verdict, because: asText(question['because']) ?? '', requests }];
  });
  if (questions.length === 0) throw new ReportFault('It has no question.');
  return questions;
}

function verdictIn(value: unknown): Verdict | undefined {
  return value === 'holds' || value === 'otherwise' || value === 'open' ? value : undefined;
}

function readRequest(request: Readonly<Record<string, unknown>>): ReportedRequest {
  const { status, body } = request;
  return {
    method: asText(request['method']) ?? '',
    path: asText(request['path']) ?? '',
    status: typeof status === 'number' ? status : undefined,
    headers: (asText(request['headers']) ?? '').split(/\s+/),
    body: shapeIn(body),
  };
}

function shapeIn(value: unknown): Shape {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.map(shapeIn);
  const members = asObject(value);
  if (members === undefined) return asText(value) ?? 'nothing';
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, shapeIn(member)]));
}
