import assert from 'node:assert/strict';
import { terminalAdvice } from '#advice/terminal';
import { atTerminal } from '../../../cli/advice.js';
import { askers } from '#advice/asker';
import { ENTRA_ADVICE, type EntraReason } from '#advice/entra';
import { patTokenErrors } from '#advice/pat-errors';
import { requestCodes } from '#advice/request';
import { serviceCodes } from '#advice/service';
import type { Situation } from '#advice/situation';
import { retry } from '#http/retry';
import { organizationAt } from '#azure-devops/organization';
import { checkGranted } from '#pat/granted';
import { remainingText } from '#pat/revoke';
import { asFailure, Failure } from '#advice/failure';

/** Words that mean nothing to a person at a terminal. Scopes and pages of the portal may hold some of them. */
const OF_A_PIPELINE =
  /\bagents?\b|\bpipelines?\b|\btasks?\b|\bsteps?\b|\binputs?\b|validFor|displayName|\bstore the new\b|in the service connection\b|System\.|RevokePat@1|\bissuing user\b|--sslcacert|--proxyurl/i;

const everySituation: readonly Situation[] = [
  ...serviceCodes.flatMap(code => askers.map(asker => ({ about: 'service', code, asker }) as const)),
  ...requestCodes.map(code => ({ about: 'request', code }) as const),
  ...(Object.keys(ENTRA_ADVICE) as EntraReason[]).flatMap(code =>
    [undefined, 99999].map(unknown => ({ about: 'entra', code, asker: 'issuing-user', unknown }) as const),
  ),
  ...[...patTokenErrors, undefined].map(code => ({ about: 'pat', code }) as const),
  ...(['known', 'by-name'] as const).map(
    code =>
      ({ about: 'left-alive', code, page: 'https://dev.azure.com/contoso/_usersSettings/tokens' }) as const,
  ),
];

const contoso = organizationAt('https://dev.azure.com/contoso');

describe('To a person at a terminal', () => {
  it('no repair speaks of what only a pipeline has, in any situation', () => {
    const amiss = everySituation.map(terminalAdvice).filter(text => OF_A_PIPELINE.test(text));
    assert.deepEqual(amiss, []);
  });

  it('the time that is used up is told without a step', async () => {
    const now = new Date();
    const policy = {
      until: now,
      clock: { now: () => now, wait: () => Promise.resolve() },
      log: {
        info: () => undefined,
        debug: () => undefined,
        warning: () => undefined,
        error: () => undefined,
      },
    };
    const failure = await retry(policy, () => Promise.resolve({ done: 1 })).catch(asFailure);
    assert.ok(failure instanceof Failure && failure.topic === 'out-of-time');
    assert.doesNotMatch(atTerminal(failure).message, OF_A_PIPELINE);
  });

  const day = new Date('2026-03-01T12:00:00Z');
  const later = new Date('2026-03-01T14:00:00Z');
  const granted = (warning: (text: string) => void, advice?: typeof terminalAdvice) => {
    checkGranted(
      { displayName: 'x', scopes: ['vso.code', 'vso.project'], validTo: later },
      {
        authorizationId: '1',
        displayName: 'x',
        scope: 'vso.code',
        validFrom: day,
        validTo: day,
        allOrganizations: false,
      },
      'contoso',
      { warning, ...(advice === undefined ? {} : { advice }) },
    );
  };

  it('a PAT with less than was asked is told without an input, and in a run with it', () => {
    const said: string[] = [];
    granted(text => said.push(text), terminalAdvice);
    assert.equal(said.length, 2);
    assert.doesNotMatch(said.join('\n'), OF_A_PIPELINE);
    const inRun: string[] = [];
    granted(text => inRun.push(text));
    assert.match(inRun.join('\n'), /shorter validFor/);
  });

  for (const id of ['3f6d2f1f-1111-4222-8333-6a7c2ab48c11', undefined]) {
    it(`a PAT that stays alive, ${id === undefined ? 'known by its name' : 'whose id is known'}, is ended here`, () => {
      assert.ok(contoso !== undefined);
      const failure = new Failure('revoke-failed', 'It hangs.', 'Run the task again.', {
        situation: { about: 'request', code: 'not-revoked' },
      });
      const pat = {
        organization: contoso,
        displayName: 'Job PAT connect 00112233',
        ...(id === undefined ? {} : { authorizationId: id }),
        validTo: later,
        asked: day,
      };
      const text = remainingText({ pat, failure }, terminalAdvice);
      assert.doesNotMatch(text, OF_A_PIPELINE);
      assert.match(text, /_usersSettings\/tokens/);
      assert.match(text, /job-pat revoke/);
      assert.match(remainingText({ pat, failure }), /as the issuing user at https/);
    });
  }
});
