import nock from 'nock';
import type { IncomingHttpHeaders } from 'node:http';
import { answerAtOnce, type Services } from '#emulator/services';
import type { Answer, Reply } from './answers.js';

/** A request as it arrived, with its body as it was read. */
export interface Arrived {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * Lets the emulator answer in this process what is sent to a host below some path: nock is the wire, and nothing else.
 *
 * @param answerTo hears of each request, and may name an answer in place of the emulator's
 * @param as in whose name the emulator takes every request; by default whoever signed it
 */
export function emulate(
  host: string,
  path: RegExp,
  services: Services,
  answerTo: (arrived: Arrived) => Answer | undefined,
  as?: string,
): void {
  const served = nock(host).persist();
  const reply = function (
    this: nock.ReplyFnContext,
    uri: string,
    body: nock.Body,
    done: (error: NodeJS.ErrnoException | null, reply: nock.ReplyFnResult) => void,
  ): void {
    const headers = singleHeaders(this.req.headers);
    const arrived = { method: this.req.method, url: new URL(uri, host), headers, body };
    const usual = () => replyOf(services, arrived, as);
    const given = (answerTo(arrived) ?? (usual => usual()))(usual);
    if (given instanceof Error) done(given, [500]);
    else done(null, [given.status, given.body, { ...given.headers }]);
  };
  for (const interceptor of [served.get(path), served.post(path), served.put(path), served.delete(path)])
    interceptor.reply(reply);
}

/** What the emulator answers, its effects carried out. */
export function replyOf(services: Services, { method, url, headers, body }: Arrived, as?: string): Reply {
  const given = answerAtOnce(services, {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: as === undefined ? headers : { ...headers, authorization: `Bearer ${as}` },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
  if (given instanceof Promise)
    throw new Error(`The emulator has to wait before it answers ${url.pathname}.`);
  return { status: given.status, body: given.body.toString(), headers: given.headers };
}

function singleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}
