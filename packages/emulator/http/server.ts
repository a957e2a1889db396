import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Admission } from '../devops/rate-limit.js';
import type { Fault, FaultContext, FaultQueue } from '../faults/queue.js';
import type { Call } from './call.js';
import { crossOriginHeaders, preflightReply } from './cross-origin.js';
import type { Journal, RequestRecord } from './journal.js';
import { withHeaders, type Headers, type Reply } from './reply.js';
import type { Match, Operation, Router } from './router.js';

export interface ServerParts {
  readonly router: Router;
  readonly faults: FaultQueue;
  readonly journal: Journal;
  readonly clock: () => Date;
  /** Counts the request, and refuses it when there were too many. */
  readonly admit: (operation: Operation, call: Call) => Admission;
  /** Answers what no route takes, and what names an organization that does not exist. */
  readonly otherwise: (call: Call, match: Match) => Reply | undefined;
  /** Headers of every answer to the operation, by which a support case finds it. */
  readonly stamp: (operation: Operation) => Headers;
}

const LARGEST_BODY = 64 * 1024 * 1024;

/** The loopback port: reads requests, plays faults, lets routes answer and writes everything down. */
export class EmulatorServer {
  readonly #http: Server;
  readonly #closing = new AbortController();

  constructor(private readonly parts: ServerParts) {
    this.#http = createServer((request, response) => {
      void this.#serve(request, response);
    });
    this.#http.keepAliveTimeout = 5000;
  }

  /** Binds 127.0.0.1 and resolves with the port. Rejects with the system's error when the port is taken. */
  async listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, '127.0.0.1', () => {
        const address = this.#http.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  /** Ends every connection, also those that a fault keeps waiting. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new Promise<void>(resolve => {
      this.#http.close(() => {
        resolve();
      });
    });
    this.#http.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { journal, router, clock } = this.parts;
    const started = performance.now();
    const preflight = preflightReply(request);
    if (preflight) {
      response.writeHead(preflight.status, preflight.headers).end();
      return;
    }
    const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s, 2);
    const parameters = new URLSearchParams(query);
    const method = request.method ?? 'GET';
    const match = router.match(method, path, parameters);
    const record = journal.begin({
      method,
      path,
      query,
      headers: request.headers,
      operation: match.kind === 'found' ? match.route.operation : 'unknown',
      organization: match.kind === 'unknown' ? undefined : match.parameters['organization'],
      time: clock(),
      body: '',
      status: undefined,
      connection: 'waiting',
      duration: undefined,
      fault: undefined,
    });
    const gone = new Promise<void>(resolve => {
      response.once('close', () => {
        if (!response.writableFinished && record.connection !== 'cutByServer')
          record.connection = 'cutByClient';
        record.duration = performance.now() - started;
        journal.end(record);
        resolve();
      });
    });

    try {
      const body = await read(request);
      record.body = body.toString('utf8');
      const captured = match.kind === 'unknown' ? {} : match.parameters;
      const call = { method, path, query: parameters, headers: request.headers, body, parameters: captured };
      journal.arrived(record);
      const cut = (): void => {
        if (record.connection === 'waiting') record.connection = 'cutByServer';
        request.socket.resetAndDestroy();
      };
      const outcome = await this.#perform(match, call, record, { cut, gone: () => gone });
      if (outcome === 'cut') cut();
      else if (!response.destroyed) {
        const headers = { ...this.parts.stamp(record.operation), ...crossOriginHeaders(request) };
        send(withHeaders(outcome, headers), record, response);
      }
    } catch (error) {
      if (this.#closing.signal.aborted || response.destroyed) request.socket.destroy();
      else send(failure(error), record, response);
    }
  }

  async #perform(
    match: Match,
    call: Call,
    record: RequestRecord,
    connection: Pick<FaultContext, 'cut' | 'gone'>,
  ): Promise<Reply | 'cut'> {
    const { admit, faults, otherwise } = this.parts;
    const route = match.kind === 'found' ? match.route : undefined;
    route?.inspect?.request(call, route.operation);
    const admission = admit(record.operation, call);
    if (admission.refusal) return admission.refusal;
    const proceed = async (body = call.body): Promise<Reply> => {
      const received = { ...call, body };
      const refusal = otherwise(received, match);
      if (refusal || !route) return refusal ?? failure('no route');
      const reply = await route.handle(received);
      route.inspect?.answer(received, route.operation, reply);
      return withHeaders(reply, admission.headers);
    };
    const fault: Fault | undefined = faults.take(record.operation, call);
    if (!fault) return proceed();
    record.fault = fault.name;
    const pause = async (milliseconds: number): Promise<void> =>
      wait(milliseconds, undefined, { signal: this.#closing.signal });
    return fault.act({ call, proceed, pause, ...connection });
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error(`The request body is larger than ${LARGEST_BODY} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(reply: Reply, record: RequestRecord, response: ServerResponse): void {
  record.status = reply.status;
  record.connection = 'answered';
  const bodyless = reply.status === 204 || reply.status === 304;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(reply.challenges ? { 'WWW-Authenticate': [...reply.challenges] } : {}),
    ...(bodyless ? {} : { 'Content-Length': String(reply.body.length) }),
  });
  response.end(reply.body);
}

/** A defect of the emulator itself: shown loudly, so that it is not taken for the service. */
function failure(error: unknown): Reply {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    status: 500,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Emulator-Defect': 'true' },
    body: Buffer.from(`The emulator failed to handle this request.\n${text}\n`),
  };
}
