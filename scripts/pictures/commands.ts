import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startEmulator } from '#emulator/index';
import { builtCli } from '../build-cli.js';
import { root } from '../paths.js';
import { inTheCloud, steadyText } from './steady-text.js';

/** What a command printed, and how a person would have typed it. */
export interface Printed {
  readonly command: string;
  readonly output: string;
}

const COLUMNS = 80;

/** Connects and lets the doctor look, against the emulator: what a person sees who sets Job PAT up. */
export async function setUpCommands(): Promise<{ readonly connect: Printed; readonly doctor: Printed }> {
  const emulator = await startEmulator({
    user: { displayName: 'PAT issuer', principalName: 'pat-issuer@contoso.com' },
  });
  const { entra } = emulator;
  entra.deviceCodes.interval = 1;
  emulator.projects.add('contoso', { name: 'Shop' });
  const signingIn = async (command: string, ...options: string[]): Promise<string> => {
    emulator.forgetRequests();
    const began = new Date();
    const where = ['--organization', emulator.organizationUrl('contoso'), '--project', 'Shop'];
    const running = printedBy(builtCli, [command, ...where, '--client-id', entra.clientId, ...options]);
    await emulator.waitFor('entra.deviceCode');
    const { userCode } = entra.deviceCodes.newest();
    entra.deviceCodes.approve(entra.user);
    const output = (await running).replaceAll(userCode, 'FHXQ9TZKD');
    // A screen shows this line until the sign-in is there.
    return steadyText(inTheCloud(output.replace(/^.*Waiting for the sign-in.*\n/m, '')), began);
  };
  try {
    const ceilings = ['--allowed-scopes', 'vso.code vso.packaging', '--max-lifetime', '4h'];
    const connect = await signingIn('connect', ...ceilings);
    const doctor = await signingIn('doctor');
    const who = '--organization contoso --project Shop --client-id $CLIENT_ID';
    return {
      connect: {
        command: `job-pat connect ${who} \\\n    --allowed-scopes "vso.code vso.packaging" --max-lifetime 4h`,
        output: connect,
      },
      doctor: { command: `job-pat doctor ${who}`, output: doctor },
    };
  } finally {
    await emulator.close();
  }
}

/** The tour. */
export async function tour(): Promise<Printed> {
  const began = new Date();
  const output = await printedBy('--import', ['tsx', join(root, 'scripts', 'start.ts')]);
  // A step that waits is overwritten on a screen by its end.
  const shown = output
    .split('\n')
    .filter(line => !line.includes('…'))
    .join('\n');
  // What follows names a file of this machine, and lists the examples.
  const [tour = ''] = shown.split('\nThe tab PATs of this run');
  return { command: 'npm start', output: steadyText(tour, began).replace(/^\n/, '') };
}

/** Run first in a program: it believes that it writes to a screen of so many columns, which cannot go back in a line. */
const SCREEN = `for (const stream of [process.stdout, process.stderr]) Object.assign(stream, { isTTY: true, columns: ${COLUMNS} });`;

/** @throws Error when the program fails */
async function printedBy(script: string, arguments_: readonly string[]): Promise<string> {
  const { PATH } = process.env;
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(SCREEN)}`, script, ...arguments_],
    {
      cwd: root,
      env: { PATH, FORCE_COLOR: '1', TERM: 'dumb', COLUMNS: String(COLUMNS) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise(resolve => child.on('close', resolve));
  if (code !== 0) throw new Error(`${script} ${arguments_.join(' ')} ended with ${String(code)}:\n${text}`);
  return text;
}
