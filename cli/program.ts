import { sayError, screenWidth } from './output.js';
import { Command, CommanderError, Help, Option } from 'commander';
import { connect, type ConnectOptions } from './commands/connect.js';
import { doctor, type DoctorOptions } from './commands/doctor.js';
import { list, type ListOptions } from './commands/list.js';
import { revoke, type RevokeOptions } from './commands/revoke.js';
import { showScopes, type ScopesOptions } from './commands/scopes.js';
import { secretVariables } from './environment.js';
import { addPatCommands, withAzureCli } from './pat-commands.js';
import { EXIT } from './run-command.js';
import { wrapped } from './screen-text.js';
import { secretArgument, usageError } from './usage-error.js';
import type { Run } from './run.js';

/** The command line. @param run carries a command out */
export function program(version: string, run: Run): Command {
  const root = new Command('job-pat')
    .description(
      'Sets up and looks after the service connection from which Azure Pipelines jobs get their short-lived PATs.',
    )
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help, also of a command')
    .helpCommand(false)
    // What stands behind a command that is run belongs to that command.
    .enablePositionalOptions()
    .configureHelp({
      // The column beside the options is narrow on a terminal of 60.
      minWidthToWrap: 20,
      // That a flag is off unless it is given goes without saying.
      optionDescription: option => new Help().optionDescription(option).replace(' (default: false)', ''),
    })
    // Told by `runProgram`, in words that repeat no secret.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText(
      'after',
      `
Begin with:
  job-pat connect --federated --print-app-registration -o contoso -p Shop
  job-pat connect --federated -o contoso -p Shop --client-id <id>

${forScreen('At a terminal you are asked for what is required and was left out.')}
${forScreen('Exit codes: 0 done, 1 failed (doctor: warnings), 2 wrong usage (doctor: something is broken), 130 stopped.')}
${forScreen('HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS and NO_COLOR count. Nothing is reported to anybody.')}`,
    );

  const add = (name: string, summary: string, description = summary): Command =>
    root
      .command(name)
      .summary(summary)
      .description(description)
      .helpOption('-h, --help', 'show this help')
      .exitOverride()
      .allowExcessArguments(false);

  withDebug(
    withApplication(
      add(
        'connect',
        'make the service connection',
        'Signs the issuing user in and makes, or updates, the service connection of type "Azure DevOps PAT issuer" in a project. ' +
          'The refresh token goes into the connection and nowhere else.',
      ),
    )
      .option('-p, --project <name>', 'project that gets the service connection (required)')
      .option('-n, --name <name>', 'name of the service connection', 'PAT issuer')
      .option('--description <text>', 'its description')
      .option(
        '--allowed-scopes <scopes>',
        'ceiling: scopes that jobs may ask for (default: every scope but full access)',
      )
      .option('--max-lifetime <time>', 'ceiling: longest lifetime that a job may ask for (default: 24h)')
      .option(
        '--max-rotated-lifetime <time>',
        'ceiling: longest lifetime of a PAT that RotatePat@1 keeps in a store (default: it may not rotate)',
      )
      .option(
        '--allowed-organizations <names>',
        'ceiling: organizations (default: the one of --organization)',
      )
      .option(
        '--federated',
        'the OIDC token of the connection proves the application: no secret is stored, and the refresh token alone is worth nothing',
        false,
      )
      .option(
        '--agent-user [user]',
        "preview: jobs sign in as this agent's user (UPN or object id), and nothing secret is stored; --client-id is then the blueprint's",
      )
      .option('--agent-identity <id>', 'its agent identity (required with --agent-user)')
      .addOption(
        secretOption(
          '--entra-token',
          'with --agent-user: an Entra token of somebody who may make the connection',
          secretVariables.entraToken,
        ),
      )
      .option(
        '--print-app-registration',
        'print the commands that make the Entra application, and do nothing',
        false,
      ),
  )
    .addHelpText(
      'after',
      `
Examples:
  job-pat connect --print-app-registration
  job-pat connect -o contoso -p Shop -c <id>
  job-pat connect -o contoso -p Shop -c <id> \\
      --allowed-scopes "vso.code vso.packaging" \\
      --max-lifetime 4h
  job-pat connect -o contoso -p Shop -c <id> --client-secret

Without a stored secret:
  job-pat connect --federated --print-app-registration -o contoso -p Shop
  job-pat connect --federated -o contoso -p Shop -c <id>
`,
    )
    .action((options: ConnectOptions & { debug: boolean }) =>
      run(options, effects => connect(options, effects)),
    );

  withDebug(
    withAzureCli(
      withSignIn(
        add(
          'doctor',
          'prove a set-up and say what is wrong with it',
          'Checks a set-up step by step, as far as possible by doing what a job does: it makes a PAT that lives for ten minutes and revokes it at once.',
        ),
      ),
    )
      .option('-p, --project <name>', 'project of a service connection to look at')
      .option('-n, --name <name>', 'name of that service connection', 'PAT issuer')
      .option('--json', 'print the checks as JSON', false)
      .option(
        '--report <file>',
        'in place of the checks: ask the organization what Job PAT assumes of it, and write a file without names and values, to attach to a report',
      )
      .option('-y, --yes', 'with --report: do not ask', false),
  )
    .addHelpText(
      'after',
      `
Examples:
  job-pat doctor -o contoso -c <id>
  job-pat doctor -o contoso -p Shop -c <id>
  job-pat doctor -o contoso --az --report job-pat-report.yml
  job-pat doctor -o contoso -c <id> --refresh-token --json

${forScreen('Exit codes: 0 all is well, 1 there are warnings, 2 something is broken.')}
`,
    )
    .action((options: DoctorOptions & { debug: boolean }) =>
      run(options, effects => doctor(options, effects)),
    );

  withDebug(
    add(
      'scopes',
      'search the scopes that a PAT can carry',
      'Shows the scopes that a PAT can carry and what they include. Needs no sign-in.',
    )
      .argument('[words...]', 'show only scopes about all of these words')
      .option('--purpose', 'show what PATs are for, and the least scopes of each', false)
      .option('--reduce <list>', 'show what a list of scopes comes down to')
      .option('--json', 'print as JSON', false),
  )
    .addHelpText(
      'after',
      `
Examples:
  job-pat scopes
  job-pat scopes code write
  job-pat scopes --purpose
  job-pat scopes --reduce "vso.code_write, Code (Read)"
`,
    )
    .action((words: string[], options: ScopesOptions & { debug: boolean }) =>
      run(options, effects => Promise.resolve(showScopes(words, options, effects.agent))),
    );

  addPatCommands({ add, withSignIn, withDebug, forScreen }, run);

  withDebug(
    withAzureCli(
      withSignIn(
        add(
          'list',
          'list the PATs of the user who signs in',
          'Lists the active PATs of the user who signs in.',
        ),
      ),
    )
      .option('--job-pat', 'only those that Job PAT made', false)
      .option('--global', 'only those for all organizations, which end on 2026-12-01', false)
      .option('--json', 'print as JSON', false),
  )
    .addHelpText(
      'after',
      `
Examples:
  job-pat list -o contoso -c <id>
  job-pat list -o contoso --az --job-pat --json
  job-pat list -o contoso --az --global
`,
    )
    .action((options: ListOptions & { debug: boolean }) => run(options, effects => list(options, effects)));

  withDebug(
    withAzureCli(
      withSignIn(
        add(
          'revoke',
          'revoke PATs of the user who signs in',
          'Revokes PATs of the user who signs in, after a question.',
        ),
      ),
    )
      .argument('[id or name...]', 'authorization ids, or whole display names (required)')
      .option('-y, --yes', 'do not ask', false),
  )
    .addHelpText(
      'after',
      `
Examples:
  job-pat revoke -o contoso -c <id> <authorization id>
  job-pat revoke -o contoso -c <id> "laptop of Ann" --yes
`,
    )
    .action((wanted: string[], options: RevokeOptions & { debug: boolean }) =>
      run(options, effects => revoke(wanted, options, effects)),
    );

  return root;
}

/** Parses and runs. Ends the process, or returns the exit code of what commander answered by itself. */
export async function runProgram(command: Command, argv: readonly string[]): Promise<number> {
  const secret = secretArgument(argv);
  if (secret !== undefined) return wrongUsage(secret);
  try {
    if (argv.length === 0) command.help();
    await command.parseAsync(argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done;
    return error.code.startsWith('commander.help') ? EXIT.usage : wrongUsage(usageError(error));
  }
}

function wrongUsage(text: string): number {
  sayError(forScreen(`error: ${text}\nLook at --help for what is possible.`));
  return EXIT.usage;
}

/** Prose of a help text on the terminal that shows it. */
function forScreen(text: string): string {
  return wrapped(text, screenWidth() ?? 80);
}

/** Where a sign-in is given as a token, connect could not give one to the connection: it has its own. */
function withSignIn(command: Command): Command {
  return withApplication(command, ' unless --entra-token or --az')
    .addOption(
      secretOption(
        '--refresh-token',
        'use a refresh token in place of signing in',
        secretVariables.refreshToken,
      ),
    )
    .addOption(
      secretOption(
        '--entra-token',
        'use an Entra access token in place of signing in',
        secretVariables.entraToken,
      ),
    );
}

function secretOption(flags: string, what: string, variable: string): Option {
  return new Option(flags, `${what}: asked for, or read from standard input; or set ${variable}`);
}

function withApplication(command: Command, unless = ''): Command {
  return command
    .option('-o, --organization <name>', 'organization, by name or URL (required)')
    .option(
      '-c, --client-id <id>',
      `application (client) id of your own Entra application (required${unless})`,
    )
    .option('--tenant <id>', 'Entra tenant (default: as the organization says)')
    .option('--authority-url <url>', 'Entra authority (default: as the organization says)')
    .addOption(secretOption('--client-secret', 'the application has a secret', secretVariables.clientSecret));
}

function withDebug(command: Command): Command {
  return command.option(
    '--debug',
    'show each request and answer without what they hold, and a stack trace when something fails',
    false,
  );
}
