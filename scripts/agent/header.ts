import { readFileSync } from 'node:fs';
import { PipelineError } from '#local-agent/index';

/** What a file may say of its own run; where to sign in, and with what, is for whoever runs it. */
const ALLOWED = ['--host-type', '--agent-version', '--container', '--sign-in', '--variable', '--parameter'];

/**
 * The options that a pipeline file gives for its run on this machine, in comments in front of everything else:
 * `# npm run agent: --host-type release`. Options of the command line come after them, and win.
 *
 * @throws PipelineError with the line of an option that a file may not give
 */
export function optionsInFile(file: string): string[] {
  const options: string[] = [];
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (!/^(#.*|\s*)$/.test(line)) break;
    const [, text] = /^#\s*npm run agent:\s*(-.*)$/.exec(line) ?? [];
    if (text === undefined) continue;
    const words = [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
    const strange = words.find(word => word.startsWith('-') && !ALLOWED.includes(word.split('=')[0] ?? ''));
    if (strange !== undefined)
      throw new PipelineError(`${file}:${index + 1}: a file may give ${ALLOWED.join(', ')}, not ${strange}.`);
    options.push(...words);
  }
  return options;
}
