import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { root } from '../../scripts/paths.js';

/** The stand-in as a person starts it. @returns its sheet, when it is complete */
function start(running: ChildProcess[], ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/emulator.ts', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  running.push(child);
  let sheet = '';
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      sheet += text;
      if (/^ +time +status/m.test(sheet)) resolve(sheet);
    });
    child.on('close', () => {
      reject(new Error(`It ended before its sheet was complete:\n${sheet}`));
    });
  });
}

/** The three commands, as they are copied from the screen. */
function commandsIn(sheet: string): string[] {
  const [, text = ''] = /Three commands to try.*\n([^]*?)\n +The same, /.exec(sheet) ?? [];
  return text.split(/^ *# .*\n/m).slice(1);
}

describe('The sheet of npm run emulator', function () {
  this.timeout(300_000);
  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill();
  });

  for (const options of [[], ['--federated'], ['--client-secret', 'correct horse & battery']]) {
    it(`prints three commands that work when they are pasted (${options[0] ?? 'no options'})`, async () => {
      const sheet = await start(running, ...options);
      const commands = commandsIn(sheet);
      assert.equal(commands.length, 3, sheet);
      // One terminal, as a person has one: what the first sets, the second uses.
      const shell = process.platform === 'win32' ? ['pwsh', '-NoProfile', '-Command'] : ['bash', '-c'];
      const [program = '', ...args] = shell;
      const { stdout, stderr, status } = spawnSync(program, [...args, commands.join('\n')], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      });
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, /^A token of \d{3,} letters$/m);
      assert.match(stdout, /"token":"\w+"\},"patTokenError":"none"/);
      assert.match(stdout, /^[0-9a-f]{7,} Say hello$[^]*^Revoked PAT "quickstart [^]*^succeeded$/m);
    });
  }

  it('has no line of a table that is wider than a terminal, or whose columns touch', async () => {
    const sheet = await start(running);
    for (const line of sheet.split('\n')) {
      // An address or a token cannot be broken.
      if (/^ *(?:\S+|TOKEN=.*|-d refresh_token=\S+ \\|curl -s \S+ \\)$/.test(line)) continue;
      assert.ok(line.length <= 80, line);
    }
  });

  it('leads to a page that shows the same without a script', async () => {
    const sheet = await start(running);
    const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(sheet)?.[0] ?? '';
    const answer = await fetch(`${url}/`);
    const html = await answer.text();
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none'/);
    assert.doesNotMatch(html, /<script|javascript:|http-equiv/i);
    const plain = html.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
    for (const command of commandsIn(sheet))
      assert.ok(plain.includes(command.trim().replaceAll(/^ {2}/gm, '')), command);
    const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => new URL(href, url));
    assert.ok(links.length > 10);
    for (const link of links) {
      assert.equal(link.origin, url);
      const { status } = await fetch(link, { redirect: 'manual' });
      assert.ok(status < 500, `${link.href}: ${status}`);
    }
  });
});

describe('npm run agent -- FILE --emulator URL', function () {
  this.timeout(60_000);
  it('says what to do when nobody answers there', () => {
    const { stderr, status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'scripts/agent.ts', 'examples/quickstart.yml', '--emulator', 'http://127.0.0.1:9'],
      { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined } },
    );
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^No emulator answers at http:\/\/127\.0\.0\.1:9\. Start one with npm run emulator/m,
    );
  });
});
