import { jobPatName } from './run-name.js';
import type { Run } from '#azure-devops/run';
import { terminalPatName } from './terminal-name.js';

const EACH = 32;

/**
 * Names such as Job PAT gives, of each kind: PATs of builds, of releases, generations of rotated PATs, and PATs of
 * terminals. What they have in common is what all of ours have in common. The same ones each time.
 */
export function namesOfOurs(): readonly (readonly string[])[] {
  const draw = drawing();
  const hex = (digits: number) => Array.from({ length: digits }, () => draw(16).toString(16)).join('');
  const guid = () => [8, 4, 4, 4, 12].map(hex).join('-');
  const letter = () => String.fromCharCode(97 + draw(26));
  const word = () => {
    const letters = Array.from({ length: 3 + draw(6) }, letter).join('');
    return draw(2) === 0 ? letters : letters.charAt(0).toUpperCase() + letters.slice(1);
  };
  const label = () =>
    Array.from({ length: 1 + draw(3) }, word).reduce((text, next) => text + ' -./_'.charAt(draw(5)) + next);
  const ofJob = (host: Run['host']) => {
    const run = { host, projectId: guid(), runId: String(1 + draw(2 ** 30)), jobId: guid() };
    return jobPatName(label(), run, hex(8));
  };
  const kinds = [
    () => ofJob('build'),
    () => ofJob('release'),
    () => `${label()} job-pat:rotated/${hex(8)}/${hex(8)}`,
    () => terminalPatName(label(), { host: word(), time: new Date(draw(2 ** 31) * 1_000) }, hex(8)),
  ];
  return kinds.map(name => Array.from({ length: EACH }, name));
}

/** Numbers below a bound, without a pattern that a name could share (Numerical Recipes' generator). */
function drawing(): (below: number) => number {
  let state = 20_260_301;
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
