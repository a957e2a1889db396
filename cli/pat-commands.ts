import type { Command } from 'commander';
import { exec, type ExecOptions } from './commands/exec.js';
import { issue, type IssueOptions } from './commands/issue.js';
import { USUAL_CEILING } from './issue/pat-request.js';
import type { Run } from './run.js';

/** What the commands of this tool have in common. */
export interface CommandParts {
  readonly add: (name: string, summary: string, description?: string) => Command;
  readonly withSignIn: (command: Command) => Command;
  readonly withDebug: (command: Command) => Command;
  /** Prose for the screen that shows it. */
  readonly forScreen: (text: string) => string;
}

/** The commands that hand a PAT to a person. */
export function addPatCommands({ add, withSignIn, withDebug, forScreen }: CommandParts, run: Run): void {
  const withAnySignIn = (command: Command) => withAzureCli(withSignIn(command));
  const issuing = add(
    'issue',
    'print a new PAT of the user who signs in',
    'Issues a PAT and prints it once, to standard output alone. Everything else goes to standard error.',
  );
  withDebug(withPat(withAnySignIn(issuing), '1h'))
    .addHelpText(
      'after',
      `
Examples:
  job-pat issue -o contoso -c <id> --purpose packageRestore
  job-pat issue -o contoso --az --scopes vso.code --valid-for 4h
  pat=$(job-pat issue -o contoso --az --purpose buildRead)

${forScreen('The PAT lives until it expires, or until "job-pat revoke" ends it. For one command, "job-pat exec" does that by itself.')}
`,
    )
    .action((options: IssueOptions & { debug: boolean }) => run(options, effects => issue(options, effects)));

  const executing = add(
    'exec',
    'run a command with a PAT that ends with it',
    'Issues a PAT, runs one command that finds it in the variable JOB_PAT, and revokes it when the command is over, whatever it came to.',
  );
  withDebug(
    withPat(withAnySignIn(executing), '15m').option(
      '--configure <tools>',
      'tools that use the PAT by themselves, such as git or npm; none: no tool (default: by purpose)',
    ),
  )
    .argument('[command...]', 'the command and its arguments, behind -- (required)')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Examples:
  job-pat exec -o contoso --az --purpose gitClone -- \\
      git clone https://dev.azure.com/contoso/Shop/_git/catalog
  job-pat exec -o contoso -c <id> --purpose packageRestore -- npm ci
  job-pat exec -o contoso --az --scopes vso.build --configure none -- \\
      bash -c 'curl --user ":$JOB_PAT" https://dev.azure.com/contoso/...'

${forScreen('The exit code is that of the command, 128 and the number of the signal that ended it, 127 or 126 if it is not there or cannot be run (no PAT is issued then), and 1 if it was 0 but the PAT stays alive. Without a command: 1 failed, 2 wrong usage, 130 stopped.')}
`,
    )
    .action((command: string[], options: ExecOptions & { debug: boolean }) =>
      run(options, effects => exec(command, options, effects)),
    );
}

function withPat(command: Command, lifetime: string): Command {
  return command
    .option(
      '-p, --purpose <names>',
      'what the PAT is for, such as gitClone or packageRestore; "job-pat scopes --purpose" shows all (required unless --scopes)',
    )
    .option('-s, --scopes <scopes>', 'its scopes, beside those of --purpose')
    .option('--valid-for <time>', 'its lifetime, such as 30m or 2h', lifetime)
    .option('--max-lifetime <time>', 'ceiling for --valid-for', USUAL_CEILING)
    .option('--display-name <text>', 'start of its name (default: the purposes)');
}

/** Whoever has signed in there needs no application of their own. */
export function withAzureCli(command: Command): Command {
  return command.option('--az', 'take the sign-in of the Azure CLI (az login)', false);
}
