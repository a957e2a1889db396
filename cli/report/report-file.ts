import { Document, isCollection, visit } from 'yaml';
import type { RedactedExchange } from '#http/redacted-exchange';
import { isList, type Shape } from '#text/json-shape';
import { VERSION } from '#text/product';
import type { Answer } from './answers.js';
import { assumptions } from './assumptions.js';

/** What the file is, for whoever opens it. */
const HEAD = `What an organization of Azure DevOps answers to what Job PAT assumes of it.

Made by "job-pat doctor --report". No value of a header or a body is in it: of a
body there are the names of its members and the kinds of their values. Names and
ids are replaced, the same by the same: {organization-1}, {id-1}. Read it, then
attach it to a report. docs/assumptions.md explains each question by its id.

holds: as assumed; otherwise: it is not so; open: nobody knows from this.`;

/** The file of a report, which a person reads and `npm run assumptions` too. @param made the day */
export function reportText(
  answers: readonly Answer[],
  pats: { made: number; left: number },
  made: Date,
): string {
  const head = {
    format: 1,
    tool: `job-pat ${VERSION}`,
    made: made.toISOString().slice(0, 10),
    'pats made': pats.made,
    'pats left': pats.left,
  };
  const questions = answers.map(answer =>
    yaml([questionOf(answer)])
      .replace(/^/gm, '  ')
      .trimEnd(),
  );
  const comment = HEAD.replace(/^/gm, '# ').replace(/ +$/gm, '');
  return `${comment}\n\n${yaml(head)}\nquestions:\n${questions.join('\n\n')}\n`;
}

function questionOf({ id, verdict, because, exchanges }: Answer): object {
  return {
    id,
    assumed: assumptions[id],
    verdict,
    because,
    ...(exchanges.length > 0 && { requests: exchanges.map(requestOf) }),
  };
}

function requestOf({ method, host, path, attempt, sent, answer, milliseconds }: RedactedExchange): object {
  return {
    method,
    host,
    path,
    attempt,
    ...(sent !== 'nothing' && { sent: plain(sent) }),
    ...('fault' in answer
      ? { 'no answer': answer.fault }
      : { status: answer.status, headers: answer.headers.join(' '), body: plain(answer.body) }),
    seconds: Math.round(milliseconds / 10) / 100,
  };
}

/** As YAML shows it: what is null is null. */
function plain(shape: Shape): unknown {
  if (typeof shape === 'string') return shape === 'null' ? null : shape;
  if (isList(shape)) return shape.map(plain);
  return Object.fromEntries(Object.entries(shape).map(([name, member]) => [name, plain(member)]));
}

/** Shapes stand on one line where they fit on it. */
function yaml(value: object): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_, { key, value: node }) {
      if (isCollection(node) && SHAPES.has(String(key)))
        node.flow = JSON.stringify(node).replaceAll('"', '').length <= ROOM_FOR_SHAPE;
    },
  });
  return document.toString({ lineWidth: 80, flowCollectionPadding: false });
}

/** Columns beside what stands in front of it. */
const ROOM_FOR_SHAPE = 62;
const SHAPES: ReadonlySet<string> = new Set(['sent', 'body']);
