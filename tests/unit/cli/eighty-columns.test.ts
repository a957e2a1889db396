import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import ts from 'typescript';
import { connect } from '../../../cli/commands/connect.js';
import { doctor } from '../../../cli/commands/doctor.js';
import { list } from '../../../cli/commands/list.js';
import { showScopes } from '../../../cli/commands/scopes.js';
import { program } from '../../../cli/program.js';
import { columnsOf, wrapped } from '../../../cli/screen-text.js';
import { tableOf } from '../../../scripts/bench/table.js';
import { looking, making } from './commands-asked.js';
import { StandIn } from './stand-in.js';

const WIDTH = 80;

/** Lines that do not fit; one that is a single word, such as an address, cannot. */
function tooWide(text: string): string[] {
  return text.split('\n').filter(line => columnsOf(line) > WIDTH && /\S\s+\S/.test(line.trim()));
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter(word => word !== '');
}

function helpOf(command: Command, columns: number): string {
  let text = '';
  command.configureOutput({ writeOut: more => (text += more), getOutHelpWidth: () => columns });
  command.outputHelp();
  return text;
}

const commandsOf = (root: Command) => [root, ...root.commands];
const parsed = () => program('1.0.0', () => Promise.reject(new Error('It is not run.')));

describe('On a screen of 80 columns', () => {
  for (const [at, command] of commandsOf(parsed()).entries()) {
    it(`the help of ${command.name()} fits, and breaks no word`, () => {
      const help = helpOf(command, WIDTH);
      assert.deepEqual(tooWide(help), []);
      const whole = commandsOf(parsed())[at];
      assert.deepEqual(wordsOf(help), wordsOf(helpOf(whole ?? command, 10_000)));
    });
  }

  it('help says what is required', () => {
    for (const command of parsed().commands) {
      const organization = command.options.find(({ long }) => long === '--organization');
      if (organization === undefined) continue;
      const required = command.options.filter(({ description }) => description.includes('(required'));
      const names = required.map(({ long }) => long);
      assert.deepEqual(names.slice(0, 2), ['--organization', '--client-id'], command.name());
      if (command.name() === 'connect') assert.ok(names.includes('--project'));
      if (['issue', 'exec'].includes(command.name())) assert.ok(names.includes('--purpose'));
    }
  });

  it('every text that is said fits, and breaks no word', () => {
    const texts = textsOf(
      'cli',
      'packages/advice',
      'packages/azure-devops',
      'packages/entra',
      'packages/pat',
    );
    assert.ok(texts.length > 200, String(texts.length));
    for (const text of texts) {
      const shown = wrapped(`error: ${text}`, WIDTH);
      assert.deepEqual(tooWide(shown), [], text);
      assert.deepEqual(wordsOf(shown), wordsOf(`error: ${text}`));
    }
  });

  it('the scopes and the purposes fit', () => {
    for (const options of [{ json: false }, { json: false, purpose: true }]) {
      const world = new StandIn({ width: WIDTH });
      showScopes([], options, world.effects().agent);
      assert.deepEqual(tooWide(world.output), []);
    }
  });

  it('a list of PATs fits, however long their names are', async () => {
    const world = new StandIn({ width: WIDTH, typed: ['eyx'] });
    world.pats = [
      'laptop',
      `quickstart 20261123.1 job-pat:build/6f1d2c3b-4a59-4e68-9b7a-8c0d1e2f3a4b/332228/9abb1a8c/c968603e`,
    ].map((displayName, at) => ({
      displayName,
      authorizationId: `99999999-2222-4333-8444-55555555555${at}`,
      scope: 'vso.code_write vso.packaging_write vso.build_execute vso.variablegroups_manage',
      validFrom: '2026-03-01T12:00:00Z',
      validTo: '2026-03-02T12:00:00Z',
    }));
    await list({ organization: 'contoso', entraToken: true, jobPat: false, json: false }, world.effects());
    assert.deepEqual(tooWide(world.output), []);
  });

  it('what connect makes and what doctor finds fits', async () => {
    const world = new StandIn({ width: WIDTH, typed: ['1.Atoken', '1.Atoken'] });
    await connect(making, world.effects());
    await doctor(looking, world.effects());
    assert.deepEqual(tooWide(world.output), []);
  });

  it('a table of figures fits, a title below a title and an entry below an entry where they have to', () => {
    const figures = (count: number) => Array.from({ length: count }, () => '12345.6 ms');
    for (const count of [3, 6, 11]) {
      const head = ['what', ...figures(count).map(() => 'for each of them')];
      const table = tableOf(
        head,
        [['RotatePat of a plan of twenty entries, as the issuer', ...figures(count)]],
        WIDTH,
      );
      assert.deepEqual(
        table.split('\n').filter(line => columnsOf(line) > WIDTH),
        [],
        table,
      );
      assert.equal(table.split('12345.6 ms').length - 1, count);
    }
  });
});

/** Every text of some length in these folders, with something in place of what is filled in. */
function textsOf(...folders: readonly string[]): string[] {
  const files = folders.flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => join(folder, name)),
  );
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node))
      texts.push(
        node.head.text + node.templateSpans.map(({ literal }) => `something${literal.text}`).join(''),
      );
    ts.forEachChild(node, visit);
  };
  for (const file of files)
    visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
  return texts.filter(text => text.length > 60 && text.includes(' '));
}
