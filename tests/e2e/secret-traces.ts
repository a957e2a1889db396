import assert from 'node:assert/strict';
import type { JobResult, StepResult } from '#local-agent/index';
import { parseLoggingCommand } from '#local-agent/logging-command';
import type { Emulator } from '#emulator/index';

/** A piece of a secret this long is a leak; shorter ones occur by chance. */
const TELLING = 16;

/** Every secret that the emulator knows: PATs, refresh tokens, access tokens and the client secret. */
export function secretsOf(emulator: Emulator): string[] {
  const { entra, pats } = emulator;
  return [
    ...pats.list().map(({ value }) => value),
    ...entra.refreshTokens.map(({ value }) => value),
    ...entra.accessTokens.map(({ value }) => value),
    ...(entra.clientSecret === undefined ? [] : [entra.clientSecret]),
  ];
}

/** The forms in which a secret is recognized: itself, as base64 with and without a user in front, and in a URL. */
export function formsOf(secret: string): string[] {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const encoded = [secret, `:${secret}`, `user:${secret}`, `pipeline:${secret}`, `job-pat:${secret}`].map(
    base64,
  );
  const urlSafe = encoded.map(form => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([secret, encodeURIComponent(secret), ...encoded, ...urlSafe])];
}

/** The first piece of a secret found in the text, also when only a part of a form is there. */
export function traceIn(text: string, secrets: readonly string[]): string | undefined {
  for (const form of secrets.flatMap(formsOf)) {
    for (let start = 0; start + TELLING <= form.length; start += 4) {
      const piece = form.slice(start, start + TELLING);
      if (text.includes(piece)) return piece;
    }
  }
  return undefined;
}

/** What `configure` sets, masked, for the environment of every later step, and empties when the job ends. */
const HANDED_TO_EVERY_STEP =
  /^JOBPAT_(?:GIT|NPM|PIP|MAVEN)_|^NuGetPackageSourceCredentials_|^AZURE_DEVOPS_EXT_PAT$|^UV_INDEX_\w+_PASSWORD$/;

/** What a step wrote, without the commands whose purpose it is to hand a secret to the agent. */
export function withoutSecretCommands(output: string): string {
  const isSecretCommand = (line: string): boolean => {
    const command = parseLoggingCommand(line);
    if (command?.area !== 'task') return false;
    if (command.event === 'setsecret') return true;
    if (
      command.event === 'setvariable' &&
      HANDED_TO_EVERY_STEP.test(command.properties.get('variable') ?? '')
    )
      return true;
    return /^set(task)?variable$/.test(command.event) && command.properties.get('issecret') === 'true';
  };
  return output
    .split(/\r\n|\r|\n/)
    .filter(line => !isSecretCommand(line))
    .join('\n');
}

/** Fails when a PAT stands in the log, or in a file that is left: also of a job whose variables are for every step. */
export function assertNoPat({ log, leftovers }: JobResult, { pats }: Emulator): void {
  const values = pats.list().map(({ value }) => value);
  assert.equal(traceIn(log, values), undefined, 'The log shows a PAT.');
  assert.deepEqual(
    leftovers.filter(({ secrets }) => secrets > 0),
    [],
    'A file holds a PAT.',
  );
}

/** Fails when a secret can be seen anywhere where a person, a file or a later program could find it. */
export function assertNoTrace(job: JobResult, emulator: Emulator, more: readonly string[] = []): void {
  const secrets = [...secretsOf(emulator), ...more];
  assert.ok(secrets.length > 0, 'There must be secrets to look for.');
  const places = new Map<string, string>([
    ['the log', job.log],
    ['the outputs', JSON.stringify(job.outputs)],
    ['the public variables', publicVariables(job)],
    ['the issues', JSON.stringify([...job.issues, ...job.steps.flatMap(step => step.issues)])],
    ...job.uploads.map((upload): [string, string] => [
      `upload ${upload.name}`,
      upload.content.toString('latin1'),
    ]),
    ...job.steps.map((step): [string, string] => [
      `the output of ${step.title}`,
      isScript(step) ? '' : withoutSecretCommands(step.rawOutput),
    ]),
  ]);
  for (const [place, text] of places) {
    const piece = traceIn(text, secrets);
    assert.equal(piece, undefined, `${place} shows "${piece}" of a secret:\n${text}`);
  }
  assert.deepEqual(
    job.leftovers.filter(({ secrets }) => secrets > 0),
    [],
    'No file that is left may hold a secret.',
  );
}

/** A script may print what it was given: masking that is the agent's part, and the log is checked. */
function isScript({ log }: StepResult): boolean {
  return log.some(line => /^Task +: Bash$/.test(line));
}

function publicVariables(job: JobResult): string {
  return Object.entries(job.variables)
    .filter(([, { isSecret }]) => !isSecret)
    .map(([name, { value }]) => `${name}=${value}`)
    .join('\n');
}
