import assert from 'node:assert/strict';
import {
  controllerUnknown,
  emptyUnauthorized,
  errorMessage,
  flood,
  json,
  redirect,
  signInPage,
  timedOut,
  truncated,
  unavailable,
  type Answer,
} from './answers.js';
import { ago, assertAlive, whyKept, reap } from './revoke-pats.js';
import { OTHER_PROJECT } from './run-service.js';
import { withoutNetwork } from './world.js';

describe('The reaper keeps the PAT of a build that it cannot read', () => {
  withoutNetwork();

  const build = 'build/builds/4711';
  const unclear: readonly (readonly [string, Answer, RegExp])[] = [
    ['an empty 401', emptyUnauthorized, /HTTP 401/],
    ['a sign-in page with 203', signInPage(), /HTTP 203/],
    ['a sign-in page with 200', signInPage(200), /HTTP 200/],
    ['a web page with 404', signInPage(404), /HTTP 404/],
    ['a redirect', redirect, /redirect \(HTTP 302\)/],
    ['a 403', errorMessage(403, 'TF401019: no permission', 'AccessDeniedException'), /HTTP 403.*TF401019/],
    ['a 400', errorMessage(400, 'no', 'X'), /HTTP 400/],
    ['410', () => ({ status: 410, body: '' }), /HTTP 410/],
    ['a 404 without a body', () => ({ status: 404, body: '' }), /HTTP 404/],
    ['a 404 of a host that does not know the path', controllerUnknown, /HTTP 404.*controller/],
    ['a 404 that is about something else', errorMessage(404, 'no', 'TimelineNotFoundException'), /HTTP 404/],
    ['a 404 that is about no run', errorMessage(404, 'no', 'VssResourceNotFoundException'), /HTTP 404/],
    ['a 404 without a typeKey', () => json(404, { message: 'Build 4711 not found.' }), /HTTP 404/],
    [
      'a 404 whose text alone is about a run',
      errorMessage(404, 'BuildNotFoundException: The requested build could not be found.', 'X'),
      /HTTP 404/,
    ],
    ['500 for ever', unavailable(500), /HTTP 500/],
    ['503 with Retry-After for ever', unavailable(503, 5), /HTTP 503/],
    ['no answer in time', () => timedOut(), /could not be reached/],
    ['broken JSON', truncated, /not JSON/],
    ['20 MB', flood, /more than Job PAT reads/],
    ['an empty answer', () => ({ status: 204, body: '' }), /cannot be understood/],
    ['a list', () => json(200, []), /not JSON|cannot be understood/],
    ['an empty object', () => json(200, {}), /cannot be understood/],
    [
      'another run',
      () => json(200, { id: 4712, status: 'completed', finishTime: ago(600) }),
      /cannot be understood/,
    ],
    [
      'a run of another project',
      () =>
        json(200, { id: 4711, status: 'completed', finishTime: ago(600), project: { id: OTHER_PROJECT } }),
      /cannot be understood/,
    ],
  ];
  for (const [what, answer, why] of unclear) {
    it(`when ${what} is all that comes back, and says so`, async () => {
      const { world, pat } = await reap(s =>
        s.build(4711, 'completed', { finishTime: ago(600) }).answers(build, answer),
      );
      assertAlive(world, pat);
      assert.match(whyKept(world, pat) ?? '', why);
    });

    it(`when ${what} is all that comes back for the timeline`, async () => {
      const { world, pat } = await reap(s =>
        s
          .build(4711, 'inProgress', { jobs: [{ finishTime: ago(600) }] })
          .answers(`${build}/timeline`, answer),
      );
      assertAlive(world, pat);
    });
  }
});
