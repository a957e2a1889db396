import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A terminal in which a program runs, as a person sees it. */
export class PseudoTerminal {
  readonly #socket = `job-pat-${randomUUID()}`;

  private constructor() {
    // Made by `start` only.
  }

  /**
   * @param columns of the screen
   * @param output a file that gets everything that is written to the terminal, as it is
   * @param redirection as a shell writes it behind a command
   */
  static async start(
    command: readonly string[],
    {
      columns = 100,
      redirection = '',
      output,
    }: { columns?: number; redirection?: string; output?: string } = {},
  ): Promise<PseudoTerminal> {
    const terminal = new PseudoTerminal();
    const words = command.map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const quoted = `${words} ${redirection}`;
    await terminal.#tmux(
      'new-session',
      '-d',
      '-x',
      String(columns),
      '-y',
      '40',
      `${quoted}; printf 'code %s\\n' "$?"; exec cat`,
      ...(output === undefined ? [] : [';', 'pipe-pane', `cat >'${output}'`]),
    );
    return terminal;
  }

  /** The characters on the screen. */
  async screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p');
  }

  /** Resolves with the screen as soon as it shows this. @throws Error with the screen after so many seconds */
  async shows(pattern: RegExp, seconds = 10): Promise<string> {
    for (let look = 0; look < 10 * seconds; look++) {
      const screen = await this.screen();
      if (pattern.test(screen)) return screen;
      await wait(100);
    }
    throw new Error(`The screen does not show ${String(pattern)}:\n${await this.screen()}`);
  }

  async type(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server');
  }

  async #tmux(...args: string[]): Promise<string> {
    return (await execute('tmux', ['-f', '/dev/null', '-L', this.#socket, ...args])).stdout;
  }
}
