import { HttpFault, type Http, type HttpAnswer, type HttpRequest } from '#http/http';
import { answerOf } from '#emulator/services';
import { askedOf, type Answer, type Asked } from './asked.js';
import { tellFault, type Fault } from './faults.js';
import type { AfterCancel, Sender } from './sender.js';
import type { World } from './world.js';

/** The way from a process to the services and back, with what goes wrong on it. */
export function networkOf(world: World, process: Sender, afterCancel: AfterCancel): Http {
  return request => new Exchange(world, process, request, afterCancel).answer;
}

/** One request, from the first byte out to the last byte in. */
class Exchange {
  readonly answer: Promise<HttpAnswer>;
  #resolve: (answer: HttpAnswer) => void = () => undefined;
  #reject: (fault: Error) => void = () => undefined;
  #over = false;
  #sent = 0;
  #afterwards: (() => void)[] = [];
  readonly #asked: Asked;

  constructor(
    private readonly world: World,
    private readonly process: Sender,
    private readonly request: HttpRequest,
    afterCancel: AfterCancel,
  ) {
    this.#asked = askedOf(request);
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (afterCancel === 'ends' && process.isCancelled) this.#stopped();
    else this.#send(afterCancel);
  }

  /** The request as a line of the story. */
  get #what(): string {
    const { path, query } = this.#asked;
    const id = query.get('authorizationId');
    return `${this.request.method} ${path}${id === null ? '' : ` ${id}`}`;
  }

  #send(afterCancel: AfterCancel): void {
    const { world, process, request } = this;
    const call = process.calls();
    if (call.end === 'before') return;
    const number = process.requests++;
    const fault = process.plan.faults.find(planned => planned.request === number)?.fault;
    process.enters();
    this.#sent = process.watch?.sent() ?? 0;
    world.tally.count('requests');
    if (fault !== undefined) world.tally.count(`fault: ${fault.kind}`);
    world.tell(process.name, () => `${this.#what}${fault === undefined ? '' : `   [${tellFault(fault)}]`}`);
    const unlimited = world.time.after(request.timeout, () => {
      this.#fails(
        new HttpFault('lost', `No answer within ${Math.round(request.timeout / 1000)} s.`, 'ETIMEDOUT'),
      );
    });
    this.#afterwards.push(unlimited);
    if (afterCancel === 'ends')
      this.#afterwards.push(
        process.onCancel(() => {
          this.#stopped();
        }),
      );
    const [out, back] = [process.random.between(2, 60), process.random.between(2, 60)];
    this.#play(fault, out, back);
    call.sent();
  }

  #stopped(): void {
    this.#fails(new HttpFault('cancelled', 'The step was cancelled.'));
  }

  #play(fault: Fault | undefined, out: number, back: number): void {
    const { time } = this.world;
    const admitted = this.#isOfUser() ? this.world.consumption?.admit(time.now + out) : undefined;
    if (admitted !== undefined && 'retryAfter' in admitted) {
      this.world.tally.count('429');
      time.after(out + back, () => {
        this.#succeeds(reply(429, { 'Retry-After': String(admitted.retryAfter) }, THROTTLED));
      });
      return;
    }
    if (admitted !== undefined) out += admitted.delay;
    const lost = () => {
      this.#fails(new HttpFault('lost', 'socket hang up', 'ECONNRESET'));
    };
    const answers = (reply: Answer) => {
      time.after(back, () => {
        this.#succeeds(reply);
      });
    };
    switch (fault?.kind) {
      case undefined:
      case 'lagging list':
        time.after(out, () => void this.#carryOut(fault?.by).then(answers));
        return;
      case 'no connection':
        time.after(out, () => {
          this.#fails(new HttpFault('not-sent', 'connect ECONNREFUSED', 'ECONNREFUSED'));
        });
        return;
      case 'lost before':
        time.after(out, lost);
        return;
      case 'lost after':
        time.after(out, () => void this.#carryOut().then(lost));
        return;
      case 'late':
        if (!fault.silently) time.after(out, lost);
        this.#afterwards.push(() => {
          time.after(fault.by, () => {
            this.world.tally.count('late arrivals');
            this.world.tell(this.process.name, () => `arrives late: ${this.#what}`);
            void this.#carryOut();
          });
        });
        return;
      case 'slow':
        time.after(out + fault.by, () => void this.#carryOut().then(answers));
        return;
      case 'hangs':
        if (fault.done) time.after(out, () => void this.#carryOut());
        return;
      case 'throttled':
        time.after(out, () => {
          answers(
            reply(
              429,
              fault.seconds === undefined ? {} : { 'Retry-After': String(fault.seconds) },
              THROTTLED,
            ),
          );
        });
        return;
      case 'error':
        time.after(out, () => {
          const error = reply(fault.status, {}, { message: 'A fault of the service.', typeKey: 'Exception' });
          if (fault.done)
            void this.#carryOut().then(() => {
              answers(error);
            });
          else answers(error);
        });
        return;
      case 'not signed in':
        time.after(out, () => {
          answers(fault.status === 401 ? page(401, '') : page(203, '<!DOCTYPE html><title>Sign In</title>'));
        });
        return;
      case 'page':
        time.after(out, () => {
          const answered = () => {
            answers(page(200, '<!DOCTYPE html><title>Hello</title>'));
          };
          if (fault.done) void this.#carryOut().then(answered);
          else answered();
        });
        return;
      case 'redirect':
        time.after(out, () => {
          const answered = () => {
            answers({ ...page(302, ''), headers: { Location: 'https://login.microsoftonline.com/' } });
          };
          if (fault.done) void this.#carryOut().then(answered);
          else answered();
        });
        return;
      case 'crossed answer': {
        time.after(out, () => {
          const other = this.world.answers.otherThan(this.#asked);
          void this.#carryOut().then(whole => {
            // A refusal that is told as a success cannot be seen by anybody.
            answers(whole.status === 200 || whole.status === 204 ? (other ?? whole) : whole);
          });
        });
        return;
      }
      case 'cut answer':
        time.after(
          out,
          () =>
            void this.#carryOut().then(whole => {
              answers({ ...whole, body: whole.body.slice(0, Math.floor(whole.body.length / 2)) });
            }),
        );
        return;
      case 'other answer':
        time.after(
          out,
          () =>
            void this.#carryOut().then(whole => {
              // A refusal that is told as a success cannot be seen by anybody.
              const isDone = whole.status === 200 || whole.status === 204;
              const json = { 'Content-Type': 'application/json' };
              answers(isDone ? { ...page(200, fault.body), headers: json } : whole);
            }),
        );
        return;
    }
  }

  /** Entra, and what is asked with the job's token, has budgets of its own. */
  #isOfUser(): boolean {
    return /\/_apis\/(tokens|connectionData)/i.test(this.request.url);
  }

  /** The services do what is asked, now; whether anybody hears of it is another matter. */
  async #carryOut(lag?: number): Promise<Answer> {
    const { world, process, request } = this;
    const asked = this.#asked;
    const { host, path, query } = asked;
    world.tally.count('carried out');
    process.watch?.carriedOut(asked, 'before', this.#sent, 0);
    const { status, headers, body } = await answerOf(world.services, {
      method: request.method,
      path,
      query,
      headers: { host, ...request.headers },
      body: Buffer.from(request.body ?? ''),
    });
    const whole = { status, headers, body: body.toString('utf8') };
    const answer = lag === undefined ? whole : world.lagging(asked, whole, lag);
    if (request.method === 'POST') for (const [what, secret] of secretsIn(answer)) world.secret(secret, what);
    world.answers.keep(asked, answer);
    process.watch?.carriedOut(asked, 'after', this.#sent, lag ?? 0);
    world.look();
    return answer;
  }

  #succeeds({ status, headers, body }: Answer): void {
    const lowerCase: Record<string, string> = { date: new Date(this.world.time.now).toUTCString() };
    for (const name in headers) lowerCase[name.toLowerCase()] = headers[name] ?? '';
    this.#ends(() => {
      this.#resolve({ status, headers: lowerCase, body });
    }, String(status));
  }

  #fails(fault: HttpFault): void {
    this.#ends(() => {
      this.#reject(fault);
    }, `${fault.kind} (${fault.message})`);
  }

  /** The process hears of it, if it still lives. */
  #ends(told: () => void, how: string): void {
    if (this.#over) return;
    this.#over = true;
    this.process.leaves();
    for (const happens of this.#afterwards) happens();
    if (!this.process.alive) return;
    this.world.tell(this.process.name, `  ${how}`);
    told();
  }
}

const THROTTLED = {
  message: 'TF400733: The request has been canceled: Request was blocked.',
  typeKey: 'RequestBlockedException',
};

function reply(status: number, headers: Record<string, string>, body: object): Answer {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function page(status: number, html: string): Answer {
  return { status, headers: { 'Content-Type': 'text/html' }, body: html };
}

/** Tokens that an answer carries. */
function* secretsIn({ body }: Answer): Generator<[string, string]> {
  for (const [, name, value] of body.matchAll(/"(token|access_token|refresh_token|oidcToken)":"([^"]+)"/g)) {
    if (name !== undefined && value !== undefined)
      yield [name === 'token' ? 'a PAT' : `a token (${name})`, value];
  }
}
