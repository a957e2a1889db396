import { Command, InvalidArgumentError, Option } from 'commander';
import colors from 'picocolors';
import { startEmulator, type Emulator } from '#emulator/index';
import type { SignInMode } from '#local-agent/emulated-run';
import { frontPage } from './emulator/page.js';
import { startedJob, trust } from './emulator/proof.js';
import { requestLine, sheet, violationLine } from './emulator/sheet.js';
import { onScreen } from './screen.js';
import { handOverRoutes } from './stand-in/hand-over.js';
import { furnish } from './stand-in/world.js';

interface Options {
  readonly port: number;
  readonly organization: readonly string[];
  readonly clientSecret?: string;
  readonly maxLifespan?: number;
  readonly federated?: true;
  readonly agentUser?: true;
}

const command: Command = new Command('npm run emulator --')
  .description(
    'A stand-in for Azure DevOps and Microsoft Entra on one port of this machine: sign-in with a refresh token, ' +
      'the PAT API, a Git repository, a package feed and REST resources that the PATs open, and all that the ' +
      'examples name. Its root is a page for a browser.',
  )
  .addOption(
    new Option('-p, --port <number>', 'port on 127.0.0.1').argParser(portNumber).default(0, 'any free one'),
  )
  .addOption(
    new Option('-o, --organization <name...>', 'organizations that exist').default(
      ['contoso', 'fabrikam'],
      'contoso fabrikam',
    ),
  )
  .option('--client-secret <text>', 'make the application a confidential client with this secret')
  .option('--federated', 'let the OIDC token of a service connection prove the application, and no secret')
  .option('--agent-user', "make an agent's user, which such a token signs in without a refresh token")
  .option('--max-lifespan <days>', 'let the tenant shorten every PAT to so many days', days)
  .helpOption('-h, --help', 'show this help')
  .addHelpText(
    'after',
    `
Examples:
  npm run emulator                           any free port, two organizations
  npm run emulator -- --port 8080            always the same address
  npm run emulator -- -o northwind tailspin  other organizations
  npm run emulator -- --max-lifespan 7       with the policy that shortens PATs
  npm run emulator -- --federated            a connection proves the application

Run an example in it, from another terminal:
  npm run agent -- examples/quickstart.yml --emulator http://127.0.0.1:8080

Read who a PAT stands for:
  curl -u ":$PAT" http://127.0.0.1:8080/contoso/_apis/connectionData
`,
  )
  .action(async (options: Options) => {
    await run(options);
  });

await command.parseAsync();

async function run(options: Options): Promise<void> {
  const { port, organization, clientSecret, maxLifespan, federated = false, agentUser = false } = options;
  if (federated && clientSecret !== undefined)
    command.error('Give either --federated or --client-secret: the application proves itself in one way.');
  let emulator: Emulator;
  let shown = 0;
  try {
    emulator = await startEmulator({
      port,
      organizations: organization,
      ...(clientSecret === undefined ? {} : { clientSecret }),
      pages: [
        {
          operation: 'page',
          method: 'GET',
          path: '/',
          handle: () => frontPage(emulator, organization, job),
        },
        ...handOverRoutes(() => ({ emulator, world })),
      ],
      log: request => {
        console.log(onScreen(requestLine(request, colors)));
        for (const violation of emulator.violations.slice(shown))
          console.log(onScreen(violationLine(violation, colors)));
        shown = emulator.violations.length;
      },
    });
  } catch (error) {
    command.error(`The emulator cannot start: ${reason(error, port)}`);
  }
  if (maxLifespan !== undefined) emulator.policies.set({ maximumLifespanDays: maxLifespan });
  const [first = ''] = organization;
  const world = furnish(emulator, organization, modeOf(options));
  const job = federated || agentUser ? startedJob(emulator, first) : undefined;
  if (federated && job) trust(emulator.entra.application, job);
  const agent = agentUser && job ? emulator.entra.addAgentUser(job) : undefined;
  console.log(sheet(emulator, organization, colors, job, agent));
  await stopSignal();
  await emulator.close();
}

/** How the connection signs in that a local agent gets. */
function modeOf({ federated, agentUser }: Options): SignInMode {
  if (agentUser) return 'agent-user';
  return federated ? 'federation' : 'refresh-token';
}

/** Resolves when the user, the system or the reader of the output wants no more. */
async function stopSignal(): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
    // Nobody reads on, as behind `| head`.
    process.stdout.on('error', () => {
      resolve();
    });
  });
}

function reason(error: unknown, port: number): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE')
    return `port ${port} is taken. Choose another with --port.`;
  return error.message;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

function days(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1) return Number(text);
  throw new InvalidArgumentError('A lifespan is a number of days from 1 to 999.');
}
