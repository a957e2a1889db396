import { Command, InvalidArgumentError, Option } from 'commander';
import { signInModes, type SignInMode } from '#local-agent/emulated-run';
import type { HostType } from '#local-agent/index';

export interface Options {
  readonly vsix?: string;
  readonly collectionUrl?: string;
  readonly emulator?: string;
  readonly connection?: ReadonlyMap<string, string>;
  readonly variable?: ReadonlyMap<string, string>;
  readonly secret?: ReadonlyMap<string, string>;
  readonly parameter?: ReadonlyMap<string, string>;
  readonly hostType: HostType;
  readonly debug?: true;
  readonly node?: string;
  readonly agentVersion?: string;
  readonly container?: true;
  readonly signIn?: SignInMode;
}

/** @param action what the command does with a file, or with a folder of files */
export function agentCommand(action: (file: string, options: Options) => Promise<void>): Command {
  return new Command('npm run agent --')
    .description(
      'Runs the steps of a pipeline file on this machine as an Azure Pipelines agent does, with the tasks of the ' +
        'packaged extension, which it packs when there is none or an old one. Without --emulator and --collection-url ' +
        'it starts a stand-in for Azure DevOps on loopback, with the organizations contoso and fabrikam, the service ' +
        "connection 'PAT issuer' and all that the examples name.",
    )
    .argument('<file>', 'the pipeline file (YAML), or a folder: its files are listed')
    .option('--vsix <file>', 'the packaged extension (default: the one in dist/)')
    .option('--emulator <url>', 'a stand-in that npm run emulator has started', url)
    .option('--collection-url <url>', 'a real organization to talk to', url)
    .addOption(pairs('--connection <name=file>', 'a service connection, described in a JSON file'))
    .addOption(pairs('--variable <name=value>', 'a variable of the run'))
    .addOption(
      pairs('--secret <name=value>', 'a secret variable; other programs can see it on this command line'),
    )
    .addOption(pairs('--parameter <name=value>', 'a template parameter of the file'))
    .addOption(
      new Option('--host-type <type>', 'kind of run')
        .choices(['build', 'release', 'deployment'])
        .default('build'),
    )
    .option('--node <file>', 'the Node.js binary that runs the tasks (default: this one)')
    .option(
      '--agent-version <version>',
      'the agent to stand in for: before 5.277.0 variables win over inputs',
    )
    .option('--container', 'run the steps as in a container: a cancel does not reach them')
    .addOption(
      new Option(
        '--sign-in <mode>',
        "how the stand-in's connection signs in: with a refresh token alone (the default), with one that its own OIDC token has to accompany, or as an agent's user",
      ).choices(signInModes),
    )
    .option('--debug', 'show what a run with System.Debug shows')
    .helpOption('-h, --help', 'show this help')
    .addHelpText(
      'after',
      `
Options with <name=...> may be given several times. Ctrl+C cancels the run,
post-jobs included; a second one ends everything at once, as if the machine were
lost.

A service connection file:
  { "url": "https://dev.azure.com/contoso", "scheme": "Token",
    "parameters": { "apitoken": "..." },
    "data": { "tenantId": "...", "clientId": "..." } }
  In place of a refresh token alone, its own OIDC token proves the application
  with "clientProof": "federation" in "data" (and "id", where the federated
  credential names it), and with the scheme "None" and "agentIdentityId" and
  "agentUser" in "data" an agent's user signs in.

A file can give options of its own in a comment at its top:
  # npm run agent: --host-type release

Examples:
  npm run agent -- examples                  what there is to run
  npm run agent -- examples/quickstart.yml
  npm run agent -- examples/quickstart.yml --emulator http://127.0.0.1:8080
  npm run agent -- pipeline.yml --debug --variable Environment=test
  npm run agent -- pipeline.yml --host-type release --node /opt/node24/bin/node
`,
    )
    .action(action);
}

function pairs(flags: string, description: string): Option {
  return new Option(flags, description).argParser(keyAndValue);
}

function keyAndValue(
  text: string,
  before: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, string> {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('It is name=value.');
  return new Map([...(before ?? []), [text.slice(0, equals), text.slice(equals + 1)]]);
}

function url(text: string): string {
  if (!URL.canParse(text))
    throw new InvalidArgumentError('It is a URL such as https://dev.azure.com/contoso.');
  return text;
}
