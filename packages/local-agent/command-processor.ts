import { commandHandlers, type CommandTarget } from './commands.js';
import { type LoggingCommand, parseLoggingCommand } from './logging-command.js';
import { mayUseCommand } from './restrictions.js';

const commandHelp = 'Please reference documentation (https://go.microsoft.com/fwlink/?LinkId=817296)';

/** Takes the output of a step line by line: commands take effect, everything else is logged. */
export class CommandProcessor {
  readonly #target: CommandTarget;
  readonly #onCommand: (command: LoggingCommand) => void;

  constructor(target: CommandTarget, onCommand: (command: LoggingCommand) => void) {
    this.#target = target;
    this.#onCommand = onCommand;
  }

  handleLine(line: string): void {
    const { log } = this.#target;
    const command = parseLoggingCommand(line);
    if (command === undefined) {
      if (line.includes('##vso')) {
        log.warning(
          `'${line}' contains logging command keyword '##vso', but it's not a legal command. ${commandHelp}`,
        );
      }
      log.write(line);
      return;
    }
    if (this.#process(command, line)) this.#onCommand(command);
    else log.write(line);
  }

  /** False: the area is not for this kind of run, and the line is shown as it is. */
  #process(command: LoggingCommand, line: string): boolean {
    const { log, restrictions, hostType } = this.#target;
    const name = `##vso[${command.area}.${command.event}]`;
    const area = Object.hasOwn(commandHandlers, command.area) ? commandHandlers[command.area] : undefined;
    if (area === undefined) {
      log.warning(`Can't find command extension for ##vso[${command.area}.command]. ${commandHelp}`);
      return true;
    }
    if (!area.hosts.includes(hostType)) {
      log.error(`${command.area} commands are not supported for ${hostType} flow.`);
      log.commandResult = 'Failed';
      return false;
    }
    try {
      const handle = Object.hasOwn(area.events, command.event) ? area.events[command.event] : undefined;
      if (handle === undefined) throw new Error(`${name} is not a recognized command. ${commandHelp}`);
      if (mayUseCommand(restrictions, command.area, command.event)) handle(this.#target, command);
      else log.warning(`${name} is not allowed in this step due to policy restrictions. ${commandHelp}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error(`Unable to process command '${line}' successfully. ${commandHelp}`);
      log.error(reason);
      log.commandResult = 'Failed';
    }
    if (command.event !== 'debug') log.debug(`Processed: ${unescaped(command)}`);
    return true;
  }
}

function unescaped({ area, event, properties, data }: LoggingCommand): string {
  const pairs = [...properties].map(([key, value]) => `${key}=${value};`).join('');
  return `##vso[${area}.${event}${pairs === '' ? '' : ` ${pairs}`}]${data}`;
}
