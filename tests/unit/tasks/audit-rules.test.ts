import assert from 'node:assert/strict';
import type { FoundPat } from '../../../tasks/AuditPats/AuditPatsV1/found-pat.js';
import type { Claim } from '../../../tasks/AuditPats/AuditPatsV1/named-runs.js';
import {
  evaluateRules,
  type EvaluationContext,
} from '../../../tasks/AuditPats/AuditPatsV1/evaluate-rules.js';
import { defaultRule, ruleIds, type RuleId } from '../../../tasks/AuditPats/AuditPatsV1/rules.js';
import { organizationAt } from '#azure-devops/organization';
import { DAY, HOUR, MINUTE } from '#text/lifetime';
import type { JobState } from '#azure-devops/runs';
import { nameOf } from './revoke-pats.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const CONTOSO = organizationAt('https://dev.azure.com/contoso') ?? assert.fail();
const FABRIKAM = organizationAt('https://dev.azure.com/fabrikam') ?? assert.fail();
const generation = (nonce: string, name = 'Deploy') => `${name} job-pat:rotated/8ec0fd8f/${nonce}`;

let made = 0;

/** A PAT that no rule minds, made a day ago for thirty days, with what a test changes. */
function pat(change: Partial<FoundPat> = {}): FoundPat {
  made += 1;
  return {
    authorizationId: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    displayName: `PAT ${made}`,
    scope: 'vso.code',
    validFrom: from(-DAY),
    validTo: from(29 * DAY),
    organization: CONTOSO,
    user: null,
    state: 'active',
    ...change,
  };
}

function from(milliseconds: number): Date {
  return new Date(NOW.getTime() + milliseconds);
}

function user(state: 'active' | 'inactive' | 'unknown', id = 'aad.erika'): FoundPat['user'] {
  return { id, displayName: 'Erika', principalName: 'erika@contoso.com', state };
}

/** The rules that fire on the first of the PATs. */
function fired(pats: readonly FoundPat[], around: Partial<EvaluationContext> = {}): RuleId[] {
  const book = { rules: ruleIds.map(defaultRule) };
  const hits = evaluateRules(pats, book, { now: NOW, runs: new Map(), recordedIds: undefined, ...around });
  return (hits.get(pats[0] ?? assert.fail()) ?? []).map(({ rule }) => rule);
}

interface Case {
  readonly what: string;
  readonly pats: () => FoundPat[];
  readonly around?: (pats: readonly FoundPat[]) => Partial<EvaluationContext>;
}

const ended = (at: Date | undefined): JobState => ({ kind: 'ended', at, why: 'run ended' });
const runState = (state: JobState) => (pats: readonly FoundPat[]) => ({
  runs: new Map(pats.map(pat => [pat, state])),
});
const claim = (kind: Claim['kind']) => (pats: readonly FoundPat[]) => ({
  runs: new Map(
    pats.map(pat => [
      pat,
      {
        kind: 'running' as const,
        why: 'run in progress',
        claim: kind === 'known' ? { kind } : { kind, why: 'nobody knows it' },
      },
    ]),
  ),
});
const recording =
  (...indexes: number[]) =>
  (pats: readonly FoundPat[]) => ({
    recordedIds: new Set(indexes.map(index => pats[index]?.authorizationId ?? 'none')),
  });

const fires: Readonly<Record<RuleId, readonly Case[]>> = {
  'full-access': [
    { what: 'app_token', pats: () => [pat({ scope: 'app_token' })] },
    { what: 'app_token among others', pats: () => [pat({ scope: 'vso.code app_token' })] },
  ],
  'global-pat': [{ what: 'every organization', pats: () => [pat({ allOrganizations: true })] }],
  'lifetime-too-long': [{ what: '91 days', pats: () => [pat({ validTo: from(90 * DAY) })] }],
  'expires-soon': [
    { what: 'in six days', pats: () => [pat({ validTo: from(6 * DAY) })] },
    { what: 'in exactly seven days', pats: () => [pat({ validTo: from(7 * DAY) })] },
    {
      what: 'the newest generation, which nobody has rotated',
      pats: () => [pat({ displayName: generation('00000001'), validTo: from(DAY) })],
    },
  ],
  'expired-but-listed': [
    { what: 'since a minute', pats: () => [pat({ state: 'expired', validTo: from(-MINUTE) })] },
  ],
  'high-privilege-scope': [
    { what: 'a write scope', pats: () => [pat({ scope: 'vso.work vso.code_write' })] },
    { what: 'token administration', pats: () => [pat({ scope: 'vso.tokenadministration' })] },
  ],
  'job-pat-run-ended': [
    {
      what: 'an hour ago',
      pats: () => [pat({ displayName: nameOf(4711) })],
      around: runState(ended(from(-HOUR))),
    },
    {
      what: 'deleted, its PAT is a day old',
      pats: () => [pat({ displayName: nameOf(4711, { host: 'release' }) })],
      around: runState(ended(undefined)),
    },
  ],
  'job-pat-run-unknown': [
    {
      what: 'the run has no such job',
      pats: () => [pat({ displayName: nameOf(4711) })],
      around: claim('run unknown'),
    },
  ],
  'job-pat-project-unknown': [
    {
      what: 'nobody sees the project',
      pats: () => [pat({ displayName: nameOf(1) })],
      around: claim('project unknown'),
    },
  ],
  'rotated-generation-unrecorded': [
    {
      what: 'not recorded',
      pats: () => [pat({ displayName: generation('00000001') })],
      around: () => ({ recordedIds: new Set(['another']) }),
    },
    {
      what: 'before the recorded one, after the overlap',
      pats: () => [
        pat({ displayName: generation('00000001'), validFrom: from(-9 * DAY) }),
        pat({ displayName: generation('00000002'), validFrom: from(-2 * DAY) }),
      ],
      around: recording(1),
    },
    {
      what: 'the second before the recorded one, within the overlap',
      pats: () => [
        pat({ displayName: generation('00000001'), validFrom: from(-9 * DAY) }),
        pat({ displayName: generation('00000002'), validFrom: from(-5 * DAY) }),
        pat({ displayName: generation('00000003'), validFrom: from(-HOUR) }),
      ],
      around: recording(2),
    },
    {
      what: 'one too many, though nobody says what is recorded',
      pats: () => [
        pat({ displayName: generation('00000001'), validFrom: from(-9 * DAY) }),
        pat({ displayName: generation('00000002'), validFrom: from(-2 * DAY) }),
      ],
    },
  ],
  'never-rotated': [
    { what: '90 days old', pats: () => [pat({ validFrom: from(-90 * DAY), validTo: undefined })] },
  ],
  'duplicate-names': [
    { what: 'twice', pats: () => [pat({ displayName: 'git' }), pat({ displayName: 'git' })] },
  ],
  'inactive-user': [{ what: 'inactive', pats: () => [pat({ user: user('inactive') })] }],
};

const staysSilent: Readonly<Record<RuleId, readonly Case[]>> = {
  'full-access': [
    { what: 'a scope that only contains the word', pats: () => [pat({ scope: 'vso.app_token_x' })] },
    { what: 'revoked', pats: () => [pat({ scope: 'app_token', state: 'revoked' })] },
  ],
  'global-pat': [
    { what: 'one organization', pats: () => [pat({ allOrganizations: false })] },
    { what: 'revoked', pats: () => [pat({ allOrganizations: true, state: 'revoked' })] },
  ],
  'lifetime-too-long': [
    { what: '90 days to the minute', pats: () => [pat({ validTo: from(89 * DAY) })] },
    {
      what: 'nobody knows its beginning',
      pats: () => [pat({ validFrom: undefined, validTo: from(300 * DAY) })],
    },
  ],
  'expires-soon': [
    { what: 'in eight days', pats: () => [pat({ validTo: from(8 * DAY) })] },
    { what: 'a job PAT', pats: () => [pat({ displayName: nameOf(4711), validTo: from(HOUR) })] },
    {
      what: 'a generation that was replaced',
      pats: () => [
        pat({ displayName: generation('00000001'), validFrom: from(-25 * DAY), validTo: from(DAY) }),
        pat({ displayName: generation('00000002'), validFrom: from(-HOUR) }),
      ],
    },
  ],
  'expired-but-listed': [
    { what: 'revoked', pats: () => [pat({ state: 'revoked', validTo: from(DAY) })] },
    { what: 'alive', pats: () => [pat()] },
  ],
  'high-privilege-scope': [
    { what: 'read scopes', pats: () => [pat({ scope: 'vso.code vso.packaging vso.build' })] },
    { what: 'a scope that nobody knows', pats: () => [pat({ scope: 'vso.new_thing' })] },
  ],
  'job-pat-run-ended': [
    {
      what: 'nine minutes ago',
      pats: () => [pat({ displayName: nameOf(4711) })],
      around: runState(ended(from(-9 * MINUTE))),
    },
    {
      what: 'running',
      pats: () => [pat({ displayName: nameOf(4711) })],
      around: runState({ kind: 'running', why: 'run in progress' }),
    },
    {
      what: 'unreadable: in doubt no finding',
      pats: () => [pat({ displayName: nameOf(4711) })],
      around: runState({ kind: 'unreadable', why: 'no right' }),
    },
    {
      what: 'a look-alike',
      pats: () => [pat({ displayName: `${nameOf(4711)}0` })],
      around: runState(ended(from(-HOUR))),
    },
  ],
  'job-pat-run-unknown': [
    { what: 'known', pats: () => [pat({ displayName: nameOf(4711) })], around: claim('known') },
    { what: 'unreadable', pats: () => [pat({ displayName: nameOf(4711) })], around: claim('unreadable') },
    {
      what: 'revoked',
      pats: () => [pat({ displayName: nameOf(4711), state: 'revoked' })],
      around: claim('run unknown'),
    },
  ],
  'job-pat-project-unknown': [
    { what: 'known', pats: () => [pat({ displayName: nameOf(4711) })], around: claim('known') },
  ],
  'rotated-generation-unrecorded': [
    { what: 'recorded', pats: () => [pat({ displayName: generation('00000001') })], around: recording(0) },
    {
      what: 'so young that it may be about to be recorded',
      pats: () => [pat({ displayName: generation('00000001'), validFrom: from(-14 * MINUTE) })],
      around: () => ({ recordedIds: new Set(['another']) }),
    },
    {
      what: 'before the recorded one, within the overlap',
      pats: () => [
        pat({ displayName: generation('00000001'), validFrom: from(-9 * DAY) }),
        pat({ displayName: generation('00000002'), validFrom: from(-HOUR) }),
      ],
      around: recording(1),
    },
    {
      what: 'of another store under the same name, after the overlap',
      pats: () => [
        pat({ displayName: generation('00000001'), validFrom: from(-9 * DAY) }),
        pat({ displayName: 'Deploy job-pat:rotated/00000000/00000002', validFrom: from(-2 * DAY) }),
      ],
    },
    {
      what: 'of another name, organization or user',
      pats: () => [
        pat({ displayName: generation('00000001'), validFrom: from(-9 * DAY) }),
        pat({ displayName: generation('00000002', 'Other'), validFrom: from(-2 * DAY) }),
        pat({ displayName: generation('00000003'), validFrom: from(-2 * DAY), organization: FABRIKAM }),
        pat({ displayName: generation('00000004'), validFrom: from(-2 * DAY), user: user('active') }),
      ],
    },
    {
      what: 'followed by a revoked one',
      pats: () => [
        pat({ displayName: generation('00000001'), validFrom: from(-9 * DAY) }),
        pat({ displayName: generation('00000002'), validFrom: from(-2 * DAY), state: 'revoked' }),
      ],
    },
  ],
  'never-rotated': [
    { what: '89 days old', pats: () => [pat({ validFrom: from(-89 * DAY), validTo: undefined })] },
    {
      what: 'a generation',
      pats: () => [
        pat({ displayName: generation('00000001'), validFrom: from(-95 * DAY), validTo: undefined }),
      ],
    },
  ],
  'duplicate-names': [
    { what: 'no name at all', pats: () => [pat({ displayName: '' }), pat({ displayName: '' })] },
    { what: 'another case', pats: () => [pat({ displayName: 'git' }), pat({ displayName: 'Git' })] },
    {
      what: 'another user, organization or state',
      pats: () => [
        pat({ displayName: 'git' }),
        pat({ displayName: 'git', user: user('active') }),
        pat({ displayName: 'git', organization: FABRIKAM }),
        pat({ displayName: 'git', state: 'revoked' }),
      ],
    },
  ],
  'inactive-user': [
    { what: 'active', pats: () => [pat({ user: user('active') })] },
    { what: 'nobody knows', pats: () => [pat({ user: user('unknown') })] },
  ],
};

describe('The rule', () => {
  for (const id of ruleIds) {
    for (const { what, pats, around } of fires[id])
      it(`${id} alone fires: ${what}`, () => {
        const found = pats();
        assert.deepEqual(fired(found, around?.(found)), [id]);
      });
    for (const { what, pats, around } of staysSilent[id])
      it(`${id} is silent, like all others: ${what}`, () => {
        const found = pats();
        assert.deepEqual(fired(found, around?.(found)), []);
      });
  }

  it('of several that fire each says its own', () => {
    const global = pat({
      scope: 'app_token',
      allOrganizations: true,
      validFrom: from(-200 * DAY),
      validTo: from(DAY),
    });
    assert.deepEqual(fired([global]), [
      'full-access',
      'global-pat',
      'lifetime-too-long',
      'expires-soon',
      'never-rotated',
    ]);
  });
});

describe('A name that claims a job', () => {
  for (const kind of ['run unknown', 'project unknown'] as const)
    it(`hides nothing from the other rules: ${kind}`, () => {
      const forged = [pat({ displayName: nameOf(1), validFrom: from(-100 * DAY), validTo: from(6 * DAY) })];
      const rules = fired(forged, claim(kind)(forged));
      assert.ok(rules.includes('never-rotated') && rules.includes('expires-soon'), rules.join());
      const honest = fired(forged, claim('known')(forged));
      assert.ok(!honest.includes('never-rotated') && !honest.includes('expires-soon'), honest.join());
    });
});
