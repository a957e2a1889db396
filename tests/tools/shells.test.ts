import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { installPackages } from './npm-programs.js';

const root = join(import.meta.dirname, '..', '..');
const TREE_SITTER = 'web-tree-sitter';
const GRAMMAR = ['tree-sitter-powershell@0.26.4', `${TREE_SITTER}@0.27.2`];

interface Lines {
  readonly where: string;
  readonly text: string;
}

/** The steps of PowerShell in the examples. */
const steps = readdirSync(join(root, 'examples'))
  .filter(name => name.endsWith('.yml'))
  .flatMap(where =>
    linesOf('pwsh', parse(readFileSync(join(root, 'examples', where), 'utf8'))).map((text): Lines => ({
      where,
      text: withoutMacros(text),
    })),
  );

/** What the pages show as PowerShell. */
const shown = ['README.md', 'overview.md', ...readdirSync(join(root, 'docs')).map(name => join('docs', name))]
  .filter(name => name.endsWith('.md'))
  .flatMap((name): Lines[] => {
    const page = readFileSync(join(root, name), 'utf8');
    return [...page.matchAll(/^( *)```powershell\n([^]*?)^ *```/gm)].map(({ index, 2: text = '' }) => ({
      where: `${name}, line ${page.slice(0, index).split('\n').length}`,
      text,
    }));
  });

/** Steps `script`, which every shell runs: Bash, and the command prompt of Windows; people paste them into PowerShell too. */
const scripts = [
  ...readdirSync(join(root, 'examples'))
    .filter(name => /^(?:ready-.*|quickstart|push|npm)\.yml$/.test(name))
    .map((name): Lines => ({ where: name, text: readFileSync(join(root, 'examples', name), 'utf8') })),
  ...[
    ...readFileSync(join(root, 'docs', 'recipes.md'), 'utf8').matchAll(/^```yaml\n(steps:[^]*?)^```/gm),
  ].map(({ 1: text = '' }, index): Lines => ({ where: `docs/recipes.md, pipeline ${index + 1}`, text })),
].flatMap(({ where, text }) => linesOf('script', parse(text)).map((text): Lines => ({ where, text })));

function linesOf(kind: string, node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(item => linesOf(kind, item));
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    key === kind && typeof value === 'string' ? [value] : linesOf(kind, value),
  );
}

/** As the agent does before a shell sees them. */
function withoutMacros(text: string): string {
  return text.replace(/\$\([\w.]+\)/g, 'value');
}

describe('Lines for every shell', () => {
  it('are there', () => {
    assert.ok(shown.length >= 3);
    assert.ok(scripts.length >= 8);
  });

  it('hold nothing that one shell reads as another does not', () => {
    for (const { where, text } of scripts) {
      const telling = /[$%'`<>|&;^\\]|\bexport\b/.exec(withoutMacros(text));
      assert.equal(telling?.[0], undefined, `${where}: ${text}`);
    }
  });

  it('call a program that is a batch file on Windows last: the command prompt does not come back from one', () => {
    for (const { where, text } of scripts) {
      const [, ...before] = text.trim().split('\n').reverse();
      assert.ok(
        !before.some(line => /^\s*(?:npm|npx|mvn|az|tfx|yarn|pnpm)\b/.test(line)),
        `${where}: ${text}`,
      );
    }
  });

  describe('as PowerShell', function () {
    this.timeout(120_000);
    let hasError: (text: string) => boolean;
    before(async function () {
      hasError = await powerShellGrammar(await installPackages(this, GRAMMAR));
    });

    it('is understood, and what is none is not', () => {
      assert.equal(hasError("Write-Output 'x'\n"), false);
      for (const wrong of ["Write-Output 'x\n", 'if [ -f x ]; then echo y; fi\n']) assert.ok(hasError(wrong));
    });

    for (const { where, text } of [...shown, ...steps])
      it(where, () => {
        // The grammar knows neither the end of options nor `??`, which PowerShell does.
        assert.equal(hasError(text.replaceAll(' -- ', ' ').replaceAll(' ?? ', ' -or ')), false, text);
      });

    for (const { where, text } of scripts)
      it(`${where}: ${text.split('\n')[0] ?? ''}`, () => {
        assert.equal(hasError(`${withoutMacros(text)}\n`), false, text);
      });
  });
});

/** The part of web-tree-sitter that is used. */
interface TreeSitter {
  readonly Parser: {
    new (): {
      setLanguage(language: unknown): void;
      parse(text: string): { readonly rootNode: { readonly hasError: boolean } } | null;
    };
    init(): Promise<void>;
  };
  readonly Language: { load(path: string): Promise<unknown> };
}

async function powerShellGrammar(folder: string): Promise<(text: string) => boolean> {
  const modules = join(folder, 'node_modules');
  const path = createRequire(join(folder, 'package.json')).resolve(TREE_SITTER);
  const { Parser, Language } = (await import(pathToFileURL(path).href)) as TreeSitter;
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(
    await Language.load(join(modules, 'tree-sitter-powershell', 'tree-sitter-powershell.wasm')),
  );
  return text => parser.parse(text)?.rootNode.hasError ?? true;
}
