import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, Document, type Node } from 'yaml';

/** A pipeline file that says something this agent does not understand. */
export class PipelineError extends Error {}

interface Source {
  readonly name: string;
  readonly document: Document;
  readonly lines: LineCounter | undefined;
  /** Values of the template parameters. */
  readonly parameters: Map<string, string>;
}

/** One place in a pipeline file; every fault found there is reported with its line. */
export class PipelineNode {
  readonly #node: unknown;
  readonly #source: Source;
  readonly #where: string;
  readonly #parentLine: number | undefined;

  private constructor(node: unknown, source: Source, where: string, parentLine: number | undefined) {
    this.#node = isAlias(node) ? node.resolve(source.document) : node;
    this.#source = source;
    this.#where = where;
    this.#parentLine = parentLine;
  }

  /** Parses a YAML file, as `read` changes it. Throws PipelineError with the line if it is not YAML. */
  static fromFile(path: string, read = (text: string): string => text): PipelineNode {
    return PipelineNode.#fromText(read(readFileSync(path, 'utf8')), path);
  }

  /** Takes a pipeline that was written as an object. */
  static fromObject(pipeline: object): PipelineNode {
    const document = new Document(pipeline);
    const source = { name: 'pipeline', document, lines: undefined, parameters: new Map<string, string>() };
    return new PipelineNode(document.contents, source, 'the pipeline', undefined);
  }

  static #fromText(text: string, name: string): PipelineNode {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined) {
      throw new PipelineError(`${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
    }
    return new PipelineNode(
      document.contents,
      { name, document, lines, parameters: new Map() },
      'the pipeline',
      1,
    );
  }

  get line(): number | undefined {
    const range = (this.#node as Partial<Node> | null)?.range;
    return range && this.#source.lines ? this.#source.lines.linePos(range[0]).line : this.#parentLine;
  }

  setParameter(name: string, value: string): void {
    this.#source.parameters.set(name.toLowerCase(), value);
  }

  /** The folder of the file; undefined for a pipeline that was written as an object. */
  get folder(): string | undefined {
    return this.#source.lines ? dirname(resolve(this.#source.name)) : undefined;
  }

  /** Throws a PipelineError that points here. */
  fail(message: string): never {
    const line = this.line;
    throw new PipelineError(`${this.#source.name}${line === undefined ? '' : `:${line}`}: ${message}`);
  }

  isMap(): boolean {
    return isMap(this.#node);
  }

  isList(): boolean {
    return isSeq(this.#node);
  }

  /** The entries of a map in their order. */
  entries(): [string, PipelineNode][] {
    if (this.#node === null || (isScalar(this.#node) && this.#node.value === null)) return [];
    if (!isMap(this.#node)) this.fail(`${this.#where} must be a map.`);
    return this.#node.items.map(item => {
      const key = scalarText(item.key);
      if (key.trim().startsWith('${{')) {
        this.#child(item.key, key).fail(`Template expressions can stand in values only: ${key}`);
      }
      const keyLine = this.#child(item.key, key).line;
      return [key, new PipelineNode(item.value, this.#source, `'${key}'`, keyLine)];
    });
  }

  /** A map with these keys only: anything else is refused with its line. */
  fields(known: readonly string[]): Map<string, PipelineNode> {
    const fields = new Map<string, PipelineNode>();
    for (const [key, value] of this.entries()) {
      if (!known.includes(key))
        value.failAtKey(`'${key}' is not known in ${this.#where}. Known: ${known.join(', ')}.`);
      fields.set(key, value);
    }
    return fields;
  }

  /** Like `fail`, but at the line of the key in front of this value. */
  failAtKey(message: string): never {
    const line = this.#parentLine;
    throw new PipelineError(`${this.#source.name}${line === undefined ? '' : `:${line}`}: ${message}`);
  }

  items(): PipelineNode[] {
    if (!isSeq(this.#node)) this.fail(`${this.#where} must be a list.`);
    return this.#node.items.map((item, index) => this.#child(item, `item ${index + 1} of ${this.#where}`));
  }

  /** A text; numbers and booleans keep the form in which they were written. */
  text(): string {
    if (this.#node === null) return '';
    if (!isScalar(this.#node)) this.fail(`${this.#where} must be a text.`);
    return this.#insertParameters(scalarText(this.#node));
  }

  boolean(): boolean {
    const text = this.text().toLowerCase();
    if (text !== 'true' && text !== 'false') this.fail(`${this.#where} must be true or false.`);
    return text === 'true';
  }

  number(): number {
    const number = Number(this.text());
    if (!Number.isFinite(number) || number < 0) this.fail(`${this.#where} must be a number, 0 or more.`);
    return number;
  }

  /** A text, or a list of texts. */
  texts(): string[] {
    return this.isList() ? this.items().map(item => item.text()) : [this.text()];
  }

  textMap(): Map<string, string> {
    return new Map(this.entries().map(([key, value]) => [key, value.text()]));
  }

  #child(node: unknown, where: string): PipelineNode {
    return new PipelineNode(node, this.#source, where, this.line);
  }

  #insertParameters(text: string): string {
    return text.replace(/\$\{\{(.*?)\}\}/gs, (_whole, expression: string) => {
      const name = /^\s*parameters(?:\.([\w-]+)|\[\s*'([^']+)'\s*\])\s*$/.exec(expression);
      const value = this.#source.parameters.get((name?.[1] ?? name?.[2] ?? '').toLowerCase());
      if (name === null)
        return this.fail(`Only \${{ parameters.<name> }} is known, not \${{${expression}}}.`);
      return value ?? this.fail(`There is no parameter in \${{${expression}}}.`);
    });
  }
}

function scalarText(node: unknown): string {
  if (!isScalar(node)) return String(node);
  if (typeof node.value === 'string') return node.value;
  if (node.value === null) return '';
  return node.source ?? JSON.stringify(node.value);
}
