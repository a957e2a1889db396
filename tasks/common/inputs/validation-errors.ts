import { Failure } from '#advice/failure';
import { sanitize } from '#text/sanitize';

/** A fault shows the value it is about, on one line; a value can be anything. */
const LONGEST_FAULT = 600;

/** Collects what is wrong with the inputs, so that a user hears of everything at once, before any request. */
export class ValidationErrors {
  readonly #faults: {
    readonly topic: 'input-not-valid' | 'connection-not-usable' | 'ceiling-exceeded';
    readonly text: string;
  }[] = [];

  /** An input that cannot be used. `text` continues the sentence and ends with an example. */
  input(name: string, text: string): void {
    this.#faults.push({ topic: 'input-not-valid', text: `Input ${name}: ${text}` });
  }

  /** An option or argument of the command line. */
  option(name: string, text: string): void {
    this.#faults.push({ topic: 'input-not-valid', text: `${name}: ${text}` });
  }

  /** A line of a file that an input names. */
  line(file: string, line: number, text: string): void {
    this.#faults.push({ topic: 'input-not-valid', text: `${file}, line ${line}: ${text}` });
  }

  /** A field of the service connection that cannot be used. */
  connection(field: string, text: string): void {
    this.#faults.push({ topic: 'connection-not-usable', text: `Service connection, ${field}: ${text}` });
  }

  /** An input that asks for more than the service connection allows. */
  ceiling(name: string, text: string): void {
    this.#faults.push({ topic: 'ceiling-exceeded', text: `Input ${name}: ${text}` });
  }

  /** @throws Failure naming every fault, when there is one */
  throwIfAny(): void {
    const [first] = this.#faults;
    if (first === undefined) return;
    const lines = this.#faults.map(fault => `${sanitize(fault.text, LONGEST_FAULT).replace(/\.$/, '')}.`);
    const what =
      lines.length === 1
        ? (lines[0] ?? '')
        : `${lines.length} things have to be put right:\n- ${lines.join('\n- ')}\n`;
    throw new Failure(first.topic, what, 'Nothing was requested.');
  }
}
