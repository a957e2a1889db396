import spawn from 'cross-spawn';
import { AZURE_DEVOPS } from '#entra/entra';
import { Failure } from '#advice/failure';
import { asObject, asText, parseJson } from '#text/json';
import { sanitize } from '#text/sanitize';
import type { TerminalEffects } from '../effects.js';
import { findProgram } from '../programs/find-program.js';

/** The Azure CLI starts slowly, and may ask Entra; milliseconds. */
const LONGEST = 60_000;
/** Characters of each stream; a token has some thousands. */
const MOST = 256 * 1024;

/**
 * The Entra token of whoever is signed in to the Azure CLI, by `az account get-access-token`. The program is looked for on
 * PATH and started without a shell.
 *
 * @param tenant given to the CLI, where it is known
 * @throws Failure `azure-cli-failed`, `cancelled`
 */
export async function tokenOfAzureCli(
  tenant: string | undefined,
  { agent, cancelled }: TerminalEffects,
): Promise<string> {
  const found = findProgram('az', process.env);
  if (typeof found === 'string')
    throw new Failure(
      'azure-cli-failed',
      `There is no Azure CLI: az is ${found === 'not found' ? 'not on PATH' : 'not executable'}.`,
      'Install it and sign in with "az login", or leave --az away and sign in by code.',
    );
  const words = ['account', 'get-access-token', '--resource', AZURE_DEVOPS, '--output', 'json'];
  const { code, stdout, stderr } = await outputOf(
    found.path,
    tenant === undefined ? words : [...words, '--tenant', tenant],
    cancelled,
  );
  const token = asText(asObject(parseJson(stdout))?.['accessToken'])?.trim() ?? '';
  if (token !== '') agent.mask(token);
  if (code !== 0)
    throw new Failure(
      'azure-cli-failed',
      `The Azure CLI gave no token${code === undefined ? '' : ` (exit code ${code})`}: ${sanitize(lastWords(stderr), 400)}`,
      'Sign in with "az login", as a user who may have PATs, and run again.',
    );
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new Failure(
      'azure-cli-failed',
      'The Azure CLI answered without a token.',
      'Look at "az version": the command needs account get-access-token with JSON output.',
    );
  return token;
}

/** What it says of an error stands at the end, behind warnings. */
function lastWords(text: string): string {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  return lines.find(line => line.startsWith('ERROR:')) ?? lines.at(-1) ?? 'it said nothing';
}

interface Output {
  /** Undefined: it did not end by itself. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function outputOf(program: string, words: readonly string[], cancelled: AbortSignal): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...words], { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let stdout = '';
    let stderr = '';
    let why = '';
    const give = (reason: string) => {
      why = reason;
      child.kill('SIGKILL');
      // What it started may hold its streams open.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const timer = setTimeout(() => {
      give(`it did not answer in ${LONGEST / 1_000} s`);
    }, LONGEST);
    const stop = () => {
      give('stopped');
    };
    cancelled.addEventListener('abort', stop);
    if (cancelled.aborted) stop();
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.length > MOST) give('it answered too much');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (stderr.length < MOST) stderr += chunk.toString();
    });
    child.on('error', error => {
      why = error.message;
    });
    child.on('close', code => {
      clearTimeout(timer);
      cancelled.removeEventListener('abort', stop);
      if (cancelled.aborted) reject(new Failure('cancelled', 'Stopped.', ''));
      else if (why !== '') resolve({ code: undefined, stdout: '', stderr: why });
      else resolve({ code: code ?? undefined, stdout, stderr });
    });
  });
}
