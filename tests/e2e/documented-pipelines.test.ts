import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packagedExtension } from './packaged-extension.js';
import { readPackageFiles } from '#local-agent/package-files';

const root = join(import.meta.dirname, '..', '..');
const pages = [
  'README.md',
  'overview.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => join('docs', file)),
];

/** The YAML blocks of a page, with the line on which each begins; the syntax of a task, all inputs at once, is no pipeline. */
function yamlBlocks(page: string): { line: number; text: string }[] {
  const markdown = readFileSync(join(root, page), 'utf8').replace(/^## Syntax\n[^]*?(?=^## )/gm, syntax =>
    '\n'.repeat(syntax.split('\n').length - 1),
  );
  return [...markdown.matchAll(/^([ ]*)```ya?ml\n([^]*?)^\1```/gm)].map(match => ({
    line: markdown.slice(0, match.index).split('\n').length,
    text: (match[2] ?? '').replaceAll(new RegExp(`^${match[1] ?? ''}`, 'gm'), ''),
  }));
}

/** Every step `task: name` below a node, wherever it stands. */
function stepsOf(node: unknown, task: string): Map<string, unknown>[] {
  if (Array.isArray(node)) return node.flatMap(item => stepsOf(item, task));
  if (typeof node !== 'object' || node === null) return [];
  const members = new Map<string, unknown>(Object.entries(node));
  const own = members.get('task') === task ? [members] : [];
  return [...own, ...[...members.values()].flatMap(value => stepsOf(value, task))];
}

async function inputsOf(task: string): Promise<Set<string>> {
  const files = await readPackageFiles(packagedExtension());
  const path = [...files.keys()].find(name => name.endsWith(`/${task}V1/task.json`)) ?? '';
  const definition: unknown = JSON.parse(files.get(path)?.toString() ?? '');
  assert.ok(typeof definition === 'object' && definition !== null && 'inputs' in definition);
  assert.ok(Array.isArray(definition.inputs));
  return new Set(definition.inputs.map((input: unknown) => nameOf(input)));
}

function nameOf(input: unknown): string {
  assert.ok(typeof input === 'object' && input !== null && 'name' in input);
  return String(input.name);
}

describe('The pages', () => {
  let inputs: ReadonlySet<string>;
  let inputsOfRevokePat: ReadonlySet<string>;
  before(async () => {
    inputs = await inputsOf('IssuePat');
    inputsOfRevokePat = await inputsOf('RevokePat');
  });

  let shown = 0;
  for (const page of pages) {
    for (const { line, text } of yamlBlocks(page).filter(block => block.text.includes('IssuePat@1'))) {
      shown += 1;
      it(`show in ${page}, line ${line}, a pipeline that the task understands`, () => {
        const steps = stepsOf(parse(text), 'IssuePat@1');
        assert.ok(steps.length > 0, text);
        for (const step of steps) {
          const given = step.get('inputs');
          assert.ok(typeof given === 'object' && given !== null, 'The step has no inputs.');
          const unknown = Object.keys(given).filter(name => !inputs.has(name));
          assert.deepEqual(unknown, [], `${page} uses inputs that IssuePat does not have.`);
          assert.ok('scopes' in given || 'purpose' in given, `${page} asks for no scopes.`);
          assert.ok(
            'patIssuer' in given !== 'entraToken' in given,
            `${page} gives not exactly one of patIssuer and entraToken.`,
          );
        }
      });
    }
  }

  it('give RevokePat only inputs that it has', () => {
    const steps = pages.flatMap(yamlBlocks).flatMap(({ text }) => stepsOf(parse(text), 'RevokePat@1'));
    assert.ok(steps.length > 0);
    for (const given of steps.map(step => step.get('inputs') ?? {}))
      assert.deepEqual(
        Object.keys(given).filter(name => !inputsOfRevokePat.has(name)),
        [],
      );
  });

  it('show the task at all', () => {
    assert.ok(shown > 0);
  });
});
