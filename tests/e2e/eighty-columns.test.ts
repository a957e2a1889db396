import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { columnsOf } from '../../cli/screen-text.js';
import { askEmulator } from '../../scripts/assumptions/ask-emulator.js';
import { builtCli } from '../../scripts/build-cli.js';
import { asObject, asText, parseJson } from '#text/json';
import { commandLineTool } from './cli-process.js';
import { emulatorForEachTest } from './issuing-job.js';
import { packagedExtension, taskNode } from './packaged-extension.js';
import { PseudoTerminal } from './pseudo-terminal.js';

const WIDTH = 80;

describe('On a terminal of 80 columns', () => {
  const emulator = emulatorForEachTest();
  let folder: string;
  let terminal: PseudoTerminal;
  let scripts: Readonly<Record<string, unknown>>;

  before(async () => {
    await commandLineTool();
    scripts = asObject(asObject(parseJson(await readFile('package.json', 'utf8')))?.['scripts']) ?? {};
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'job-pat-columns-'));
  });
  afterEach(async () => {
    await terminal.close();
    await rm(folder, { recursive: true });
  });

  /** Everything that a command writes, from start to end. @param shown when this is there, it is told to stop */
  async function writtenBy(command: readonly string[], shown?: RegExp): Promise<string> {
    const output = join(folder, 'output');
    const token = emulator().entra.issueAccessToken().value;
    const environment = [
      'env',
      `JOB_PAT_ENTRA_TOKEN=${token}`,
      `PATH=node_modules/.bin:${process.env['PATH'] ?? ''}`,
    ];
    terminal = await PseudoTerminal.start([...environment, ...command], { columns: WIDTH, output });
    if (shown !== undefined) {
      await terminal.shows(shown, 60);
      await terminal.type('C-c');
    }
    await terminal.shows(/code \d+\s*$/, 60);
    return stripVTControlCharacters(await readFile(output, 'utf8')).replaceAll('\r\n', '\n');
  }

  const jobPat = (...words: string[]) => writtenBy([taskNode, builtCli, ...words]);
  const npmRun = (name: string, words = '', shown?: RegExp) =>
    writtenBy(['sh', '-c', `exec ${asText(scripts[name]) ?? 'false'} ${words}`], shown);

  /** A line is as wide as a long word of it, such as an address in a command to copy. */
  function assertFits(text: string): void {
    const longest = (line: string) => Math.max(...line.split(' ').map(columnsOf));
    const wide = text.split('\n').filter(line => columnsOf(line) > WIDTH && longest(line) < 64);
    assert.deepEqual(wide, []);
    assert.ok(text.split('\n').length > 3, text);
  }

  const organization = () => ['-o', emulator().organizationUrl('contoso'), '--entra-token'];

  for (const [what, words] of [
    ['a doctor who asks for answers', ['doctor', '--yes', '--report', 'FILE']],
    ['a doctor who shows what was asked', ['doctor', '--debug']],
    ['a PAT', ['issue', '--purpose', 'gitClone']],
    ['a list', ['list']],
    ['faults', ['issue', '--valid-for', 'soon', '--purpose', 'cloning', '--tenant', 'contoso']],
  ] as const) {
    it(`job-pat shows ${what} in lines that fit`, async () => {
      emulator().pats.seed([
        {
          organization: 'contoso',
          displayName: `quickstart job-pat:build/${'0'.repeat(36)}/332228/9abb1a8c/c968603e`,
        },
      ]);
      assertFits(
        await jobPat(
          ...words.map(word => word.replace('FILE', join(folder, 'report.yml'))),
          ...organization(),
        ),
      );
    });
  }

  it('job-pat asks for what was left out in lines that fit', async () => {
    const text = await writtenBy(
      ['env', '-u', 'JOB_PAT_ENTRA_TOKEN', taskNode, builtCli, 'connect'],
      /Organization, by name/,
    );
    assertFits(`${text}\n\n\n`);
  });

  for (const name of ['emulator', 'agent', 'simulate', 'bench', 'package', 'assumptions']) {
    it(`npm run ${name} explains itself in lines that fit`, async () => {
      assertFits(await npmRun(name, '--help'));
    });
  }

  it('npm run simulate shows figures in lines that fit', async () => {
    assertFits(await npmRun('simulate', '--lives 20 --workers 1'));
  });

  it('npm run assumptions shows what differs in lines that fit', async () => {
    const file = join(folder, 'report.yml');
    const report = await askEmulator(() => undefined);
    await writeFile(file, report.replaceAll('status: 200', 'status: 418').replaceAll('displayName', 'name'));
    const text = await npmRun('assumptions', file);
    assert.match(text, /418; the emulator: 200/);
    assertFits(text);
  });

  it('npm run emulator shows its places in lines that fit', async () => {
    assertFits(await npmRun('emulator', '', /Stop with Ctrl\+C/));
  });

  it('npm run agent shows a job in lines that fit', async () => {
    assertFits(await npmRun('agent', `examples/quickstart.yml --vsix ${packagedExtension()}`));
  });
});
