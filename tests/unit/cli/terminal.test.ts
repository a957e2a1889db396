import assert from 'node:assert/strict';
import { realTerminal, type Terminal } from '../../../cli/terminal.js';
import { FakeStreams } from './fake-streams.js';

const SECRET = 'Terminal-Secret-Value-1234567890';

/** Runs with these variables of the environment, and puts back what was there. */
function withEnvironment<T>(variables: Readonly<Record<string, string | undefined>>, work: () => T): T {
  const before = Object.keys(variables).map(name => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(variables)) set(name, value);
  try {
    return work();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

const PLAIN = { NO_COLOR: '1', FORCE_COLOR: undefined, TERM: 'xterm' };

function terminalOf(
  streams: FakeStreams,
  options: { readonly debug?: boolean; readonly cancelled?: AbortSignal } = {},
): Terminal {
  const { debug = false, cancelled = new AbortController().signal } = options;
  return withEnvironment(PLAIN, () => realTerminal({ debug, cancelled }, streams.streams));
}

describe('The terminal', () => {
  it('prints results to standard output, and says everything else on standard error', () => {
    const streams = new FakeStreams();
    const terminal = terminalOf(streams);
    terminal.print('a result');
    terminal.say('a line');
    terminal.info('a note');
    terminal.warning('mind this');
    terminal.error('this failed');
    assert.equal(streams.out, 'a result\n');
    assert.equal(streams.err, 'a line\na note\nwarning: mind this\nerror: this failed\n');
  });

  it('shows debug lines only where somebody asked for them', () => {
    const [asked, quiet] = [new FakeStreams(), new FakeStreams()];
    terminalOf(asked, { debug: true }).debug('details');
    terminalOf(quiet).debug('details');
    assert.equal(asked.err, 'debug: details\n');
    assert.equal(quiet.err, '');
  });

  it('writes no secret that it was told of, in whatever line', () => {
    const streams = new FakeStreams();
    const terminal = terminalOf(streams, { debug: true });
    terminal.mask(SECRET);
    const encoded = Buffer.from(`:${SECRET}`).toString('base64');
    for (const how of ['print', 'say', 'info', 'debug', 'error'] as const)
      terminal[how](`It is ${SECRET}, or ${encoded}.`);
    for (const text of [streams.out, streams.err]) {
      assert.ok(!text.includes(SECRET));
      assert.ok(!text.includes(encoded));
    }
  });

  it('obeys no command of a pipeline that a text from outside holds', () => {
    const streams = new FakeStreams();
    terminalOf(streams).info('##vso[task.complete result=Succeeded]\rdone');
    assert.doesNotMatch(streams.err, /^##vso\[/m);
  });

  it('hands a secret out as it is, and says when nobody takes it', async () => {
    const streams = new FakeStreams();
    const terminal = terminalOf(streams);
    terminal.mask(SECRET);
    await terminal.handOut(SECRET);
    assert.equal(streams.out, `${SECRET}\n`);

    const broken = new FakeStreams();
    broken.breakOutput(new Error('write EPIPE'));
    await assert.rejects(terminalOf(broken).handOut(SECRET), /Standard output does not take it.*is revoked/s);
  });

  it('wraps lines at the width of the screen, and leaves them whole where there is none', () => {
    const long = 'one two three four five six seven eight nine ten';
    const narrow = new FakeStreams({ columns: 20 });
    const terminal = terminalOf(narrow);
    terminal.info(long);
    assert.ok(
      narrow.err.split('\n').every(line => line.length <= 20),
      narrow.err,
    );
    assert.deepEqual([terminal.width, terminal.sayWidth], [20, 20]);

    const file = new FakeStreams();
    terminalOf(file).info(long);
    assert.equal(file.err, `${long}\n`);
    assert.equal(terminalOf(new FakeStreams({ columns: 0 })).width, 80, 'a screen that tells no width');
  });

  it('has colours on a screen that shows them, and nowhere else, unless somebody says so', () => {
    const coloured = (variables: Readonly<Record<string, string | undefined>>, columns?: number) =>
      withEnvironment({ NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: 'xterm', ...variables }, () => {
        const { signal } = new AbortController();
        const streams = new FakeStreams(columns === undefined ? {} : { columns });
        return realTerminal({ debug: false, cancelled: signal }, streams.streams).colors.err.red('x') !== 'x';
      });
    assert.ok(coloured({}, 80));
    assert.ok(!coloured({ TERM: 'dumb' }, 80));
    assert.ok(!coloured({ NO_COLOR: '1' }, 80));
    assert.ok(!coloured({ FORCE_COLOR: '0' }, 80));
    assert.ok(!coloured({}));
    assert.ok(coloured({ FORCE_COLOR: '1' }));
  });
});

describe('A line that changes in place', () => {
  it('is wiped out before another line is written, and drawn again below it', () => {
    const streams = new FakeStreams({ columns: 40 });
    const terminal = terminalOf(streams);
    const done = withEnvironment(PLAIN, () => terminal.waiting(second => `waiting ${second} s`));
    terminal.info('news');
    done();
    terminal.info('after');
    const blanks = ' '.repeat('waiting 0 s'.length);
    assert.equal(streams.err, `waiting 0 s\r${blanks}\rnews\nwaiting 0 s\r${blanks}\rafter\n`);
  });

  it('counts on by itself', async () => {
    const streams = new FakeStreams({ columns: 40 });
    const done = withEnvironment(PLAIN, () => terminalOf(streams).waiting(second => `waiting ${second} s`));
    await streams.says(/waiting 1 s/);
    done();
  });

  it('is said once where nothing can change', () => {
    for (const [streams, term] of [
      [new FakeStreams(), 'xterm'],
      [new FakeStreams({ columns: 40 }), 'dumb'],
    ] as const) {
      const terminal = terminalOf(streams);
      withEnvironment({ ...PLAIN, TERM: term }, () => terminal.waiting(second => `waiting ${second} s`))();
      assert.equal(streams.err, 'waiting 0 s\n');
    }
  });
});

describe('A question', () => {
  it('is answered by the line that a person types', async () => {
    const streams = new FakeStreams({ typedBy: 'person', columns: 80 });
    const answer = terminalOf(streams).ask('Go on?');
    await streams.says(/Go on\? /);
    streams.stdin.write(' yes \n');
    assert.equal(await answer, 'yes');
  });

  it('needs somebody who is there', () => {
    for (const streams of [new FakeStreams({ columns: 80 }), new FakeStreams({ typedBy: 'person' })])
      assert.throws(() => terminalOf(streams).ask('Go on?'), /no terminal to ask: Go on\?.*--help/);
  });

  it('ends with the command, asked before or after', async () => {
    for (const isBefore of [true, false]) {
      const stop = new AbortController();
      if (isBefore) stop.abort();
      const streams = new FakeStreams({ typedBy: 'person', columns: 80 });
      const answer = terminalOf(streams, { cancelled: stop.signal }).ask('Go on?');
      stop.abort();
      await assert.rejects(answer, { topic: 'cancelled' });
    }
  });

  it('for a secret does not show what is typed, and keeps it out of every line', async () => {
    const streams = new FakeStreams({ typedBy: 'person', columns: 80 });
    const terminal = terminalOf(streams);
    const answer = terminal.askSecret('Client secret');
    await streams.says(/Client secret: /);
    streams.stdin.write(`${SECRET}-typed\n`);
    assert.equal(await answer, `${SECRET}-typed`);
    terminal.say(`${SECRET}-typed`);
    assert.ok(!streams.err.includes(SECRET), streams.err);
  });

  it('for secrets takes line after line of a pipe, and nothing where there are no more', async () => {
    const streams = new FakeStreams();
    const terminal = terminalOf(streams);
    streams.stdin.write('first\nsec');
    assert.equal(await terminal.askSecret('One'), 'first');
    streams.stdin.end('ond');
    assert.equal(await terminal.askSecret('Two'), 'second');
    assert.equal(await terminal.askSecret('Three'), '');
  });

  it('for a secret says what is awaited where nobody writes', async () => {
    const streams = new FakeStreams();
    const answer = terminalOf(streams).askSecret('Refresh token');
    await streams.says(/Waiting for a line on standard input\. Refresh token is asked for\./);
    streams.stdin.write('x\n');
    assert.equal(await answer, 'x');
  });

  it('for a secret takes no line that no secret can be', async () => {
    const streams = new FakeStreams();
    streams.stdin.end('x'.repeat(70_000));
    assert.equal(await terminalOf(streams).askSecret('One'), '');
  });

  it('for a secret of a pipe ends with the command too', async () => {
    for (const isBefore of [true, false]) {
      const stop = new AbortController();
      if (isBefore) stop.abort();
      const answer = terminalOf(new FakeStreams(), { cancelled: stop.signal }).askSecret('One');
      stop.abort();
      await assert.rejects(answer, { topic: 'cancelled' });
    }
  });
});
