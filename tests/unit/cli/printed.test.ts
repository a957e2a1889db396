import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import pc from 'picocolors';
import { parse } from 'yaml';
import { printAppRegistration } from '../../../cli/connect/app-registration.js';
import { reportConnection } from '../../../cli/connect/report.js';
import type { ConnectRequest } from '../../../cli/connect/request.js';
import { jsonText } from '#text/json-text';
import type { Terminal } from '../../../cli/terminal.js';
import { CLOUD } from '../../../tasks/common/inputs/issuer.js';

const plain = pc.createColors(false);

/** What a story prints. */
async function printed(story: (terminal: Terminal) => unknown, width = 80): Promise<string> {
  let text = '';
  const print = (said: string) => void (text += `${said}\n`);
  await story({ print, width, colors: { out: plain, err: plain } } as unknown as Terminal);
  return text;
}

async function exampleFor(name: string): Promise<string> {
  const made = { how: 'made', id: undefined, project: { id: '1', name: 'Shop' }, data: {} } as const;
  const request = { home: CLOUD, name, signIn: { kind: 'refresh-token' } } as ConnectRequest;
  const text = await printed(terminal => reportConnection(request, made, undefined, terminal));
  const start = text.indexOf('    - task: IssuePat@1');
  return text.slice(start, text.indexOf('\n\n', start));
}

describe('the example that connect prints', () => {
  const names = [
    ...[
      'PAT issuer',
      'a: b',
      '- x',
      '-',
      '#',
      'a #b',
      'yes',
      'No',
      'null',
      '~',
      '1.10',
      '0042',
      '0x1F',
      '1e3',
      'E0',
      'e5',
      'e_1.5',
      'NaN',
      'Infinity',
    ],
    ...[
      "it's",
      '"quoted"',
      '@x',
      '`x`',
      '%x',
      '&a',
      '*a',
      '!a',
      '|',
      '>',
      '[a]',
      '{a: b}',
      '?',
      ':',
      'a:',
      '12:30',
    ],
    ...['2026-03-01', '.inf', 'on', 'Y', '=', '<<', 'a, b', 'É issuer', '\\n', '---', '...', 'x'.repeat(256)],
  ];

  async function assertReads(name: string): Promise<void> {
    const example = await exampleFor(name);
    for (const version of ['1.1', '1.2'] as const) {
      const [step] = parse(example, { version }) as { inputs: { patIssuer: unknown } }[];
      assert.equal(step?.inputs.patIssuer, name, version);
    }
  }

  it('is YAML that names the connection, whatever it is called', async () => {
    for (const name of names) await assertReads(name);
  });

  it('is so for every name of one line', async () => {
    const name = fc
      .string({ minLength: 1, maxLength: 60 })
      .map(text => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim())
      .filter(text => text !== '' && !/##(vso)?\[/i.test(text));
    await fc.assert(fc.asyncProperty(name, assertReads));
  });
});

describe('the commands that make the application', () => {
  let script = '';
  let folder: string;

  before(async () => {
    script = await printed(printAppRegistration);
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'job-pat-az-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs them with an `az` that writes down its arguments. */
  function runWith(az: string, shell = ['bash']): { status: number | null; text: string; calls: string[] } {
    const calls = join(folder, 'calls');
    writeFileSync(calls, '');
    writeFileSync(
      join(folder, 'az'),
      `#!/bin/bash\nprintf '%s\\n' "$*" >>'${calls}'\ncat >/dev/null\n${az}\n`,
    );
    chmodSync(join(folder, 'az'), 0o755);
    const [program = 'bash', ...more] = shell;
    const run = spawnSync(program, more, {
      input: script,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    });
    return {
      status: run.status,
      text: run.stdout + run.stderr,
      calls: readFileSync(calls, 'utf8').split('\n'),
    };
  }

  const answers = (end: string) => `case "$*" in
    *pats_manage*) printf 'id-of-manage${end}';;
    *"value=='vso.pats'"*) printf 'id-of-pats${end}';;
    *"app create"*) printf 'the-app${end}';;
  esac`;

  for (const [kind, end] of [
    ['as everywhere', '\\n'],
    ['as on Windows', '\\r\\n'],
  ] as const) {
    it(`grant both permissions, with line ends ${kind}`, () => {
      const { status, text, calls } = runWith(answers(end));
      assert.equal(status, 0, text);
      const api = '499b84ac-1321-427f-aa17-267ca6975798';
      assert.ok(
        calls.includes(
          `ad app permission add --id the-app --api ${api} --api-permissions id-of-pats=Scope id-of-manage=Scope`,
        ),
        calls.join('\n'),
      );
      assert.ok(calls.includes('ad app permission admin-consent --id the-app'));
      assert.match(text, /--client-id the-app\n/);
    });
  }

  it('run in a shell that only starts bash, too', () => {
    assert.equal(runWith(answers('\\n'), ['sh']).status, 0);
  });

  for (const failing of ['sp show', 'app create', 'sp create', 'permission add', 'admin-consent']) {
    it(`end at "az ad ${failing}" when that fails`, () => {
      const { status, text, calls } = runWith(
        `case "$*" in *"${failing}"*) exit 1;; esac\n${answers('\\n')}`,
      );
      assert.notEqual(status, 0);
      assert.ok(calls.at(-2)?.includes(failing), calls.join('\n'));
      assert.doesNotMatch(text, /Now: job-pat/);
    });
  }

  it('make nothing where az knows none of the permissions', () => {
    const { status, text, calls } = runWith('true');
    assert.notEqual(status, 0);
    assert.match(text, /az told no id of vso\.pats/);
    assert.ok(!calls.some(call => call.includes('create')));
  });

  it('need nothing that bash 3.2 does not know', () => {
    execFileSync('bash', ['-n'], { input: script });
    assert.doesNotMatch(script, /\$'|mapfile|readarray|declare -A|\$\{[a-z_]+(,,|\^\^|@)|&>>|\|&/);
  });
});

describe('JSON for a program', () => {
  it('steers no terminal, turns no text round and says everything', () => {
    const bad = 'a\u009B31m\u202Eb\u2066c\u0085\u2028d\u{E0041}e##vso[task.setvariable]##[error]\u200B\uFEFF';
    const text = jsonText({ bad });
    assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##/u);
    assert.deepEqual(JSON.parse(text), { bad });
  });

  it('is read back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        assert.deepEqual(JSON.parse(jsonText({ a, [b]: a })), JSON.parse(JSON.stringify({ a, [b]: a })));
      }),
    );
  });
});
