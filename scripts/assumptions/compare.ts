import { isList, type Shape } from '#text/json-shape';
import type { ReportedQuestion, ReportedRequest } from './read-report.js';

/** What a report says otherwise than the emulator. */
export interface Difference {
  readonly id: string;
  /** The request; empty where it is about the question. */
  readonly where: string;
  readonly text: string;
}

/** Headers that the product reads; which others there are is no matter. */
const READ_HEADERS = [
  'content-type',
  'www-authenticate',
  'x-tfs-serviceerror',
  'x-vss-resourcetenant',
  'x-vss-authorizationendpoint',
  'x-ms-continuationtoken',
];

/** Holds the questions that were asked against the same ones of the emulator; times do not count. */
export function compareReports(
  reported: readonly ReportedQuestion[],
  emulated: readonly ReportedQuestion[],
): Difference[] {
  return reported.flatMap(question => {
    const same = emulated.find(({ id }) => id === question.id);
    return same === undefined || isLeftOut(question) ? [] : differencesIn(question, same);
  });
}

/** Questions that are asked again and again, as long as it takes. */
const POLLED: ReadonlySet<string> = new Set(['time-until-alive', 'time-until-dead', 'list-shows-at-once']);

/** Nobody asked, so there is nothing to compare. */
function isLeftOut({ verdict, requests }: ReportedQuestion): boolean {
  return verdict === 'open' && requests.length === 0;
}

function differencesIn(there: ReportedQuestion, here: ReportedQuestion): Difference[] {
  const { id } = there;
  const differences: Difference[] = [];
  if (there.verdict !== here.verdict)
    differences.push({
      id,
      where: '',
      text: `${there.verdict} (${there.because}); the emulator: ${here.verdict} (${here.because})`,
    });
  const compared = ({ requests }: ReportedQuestion) => (POLLED.has(id) ? distinct(requests) : requests);
  const [theirs, ours] = [compared(there), compared(here)];
  for (let at = 0; at < Math.max(theirs.length, ours.length); at++) {
    const [their, our] = [theirs[at], ours[at]];
    const where = `${(their ?? our)?.method ?? ''} ${(their ?? our)?.path ?? ''}`;
    const tell = (text: string) => differences.push({ id, where, text });
    if (their === undefined) tell('asked of the emulator alone');
    else if (our === undefined) tell(`asked there alone, and answered with ${statusOf(their)}`);
    else for (const text of differencesOf(their, our)) tell(text);
  }
  return differences;
}

function differencesOf(their: ReportedRequest, our: ReportedRequest): string[] {
  const texts: string[] = [];
  if (askedOf(their) !== askedOf(our)) texts.push(`the emulator is asked ${our.method} ${our.path}`);
  if (their.status !== our.status)
    texts.push(`answered with ${statusOf(their)}; the emulator: ${statusOf(our)}`);
  const header = (name: string, { headers }: ReportedRequest) => headers.includes(name);
  for (const name of READ_HEADERS) {
    if (header(name, their) && !header(name, our)) texts.push(`has the header ${name}`);
    if (!header(name, their) && header(name, our)) texts.push(`has no header ${name}`);
  }
  const [theirs, ours] = [new Set(membersOf(their.body)), new Set(membersOf(our.body))];
  for (const member of theirs) if (!ours.has(member)) texts.push(`body: has ${member}`);
  for (const member of ours) if (!theirs.has(member)) texts.push(`body: has no ${member}`);
  return texts;
}

/** Which of several names or ids is asked for is told by the order of the requests. */
function askedOf({ method, path }: ReportedRequest): string {
  return `${method} ${path.replace(/-\d+\}/g, '}')}`;
}

function statusOf({ status }: ReportedRequest): string {
  return status === undefined ? 'nothing' : String(status);
}

/** What was asked again until it was so counts once for each kind of answer. */
function distinct(requests: readonly ReportedRequest[]): ReportedRequest[] {
  return requests.filter((request, at) => {
    const before = requests[at - 1];
    return (
      before === undefined ||
      [before.method, before.path, before.status, membersOf(before.body).join()].join() !==
        [request.method, request.path, request.status, membersOf(request.body).join()].join()
    );
  });
}

/** Each member of a shape with its kind: `patToken.validTo: moment`. */
function membersOf(shape: Shape, path = ''): string[] {
  if (typeof shape === 'string') return [path === '' ? shape : `${path}: ${shape}`];
  if (isList(shape)) {
    const inner = shape.flatMap(each => membersOf(each, `${path}[]`));
    return [`${path}: list`, ...inner];
  }
  return Object.entries(shape).flatMap(([name, member]) =>
    membersOf(member, path === '' ? name : `${path}.${name}`),
  );
}
