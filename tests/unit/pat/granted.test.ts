import assert from 'node:assert/strict';
import { checkGranted } from '#pat/granted';
import { MINUTE } from '#text/lifetime';
import { MemoryAgent } from '../tasks/memory-agent.js';
import { agentState, failureOf } from '../tasks/world.js';

const END = new Date('2026-03-01T11:00:00Z');

/** What is said of a PAT with the scopes vso.code and vso.packaging for an hour, when this is granted; a refusal throws. */
function said(granted: {
  scope?: string;
  later?: number;
  allOrganizations?: true;
  organizations?: number;
  advice?: (situation: object) => string;
}): string[] {
  const { scope = 'vso.code vso.packaging', later = 0, advice, ...more } = granted;
  const agent = new MemoryAgent(agentState());
  checkGranted(
    { displayName: 'x', scopes: ['vso.code', 'vso.packaging'], validTo: END },
    {
      authorizationId: '00000000-0000-4000-8000-000000000001',
      displayName: 'x',
      scope,
      validFrom: undefined,
      validTo: new Date(END.getTime() + later),
      ...more,
    },
    'contoso',
    advice === undefined ? agent : { warning: agent.warning.bind(agent), advice },
  );
  return agent.lines('warning');
}

describe('What was granted, held against what was asked', () => {
  it('may end a minute earlier or later, and what is more is told or refused', async () => {
    assert.deepEqual([said({}), said({ later: MINUTE }), said({ later: -MINUTE })], [[], [], []]);
    assert.match(said({ later: -MINUTE - 1 }).join(), /shortened the lifetime: the PAT ends at .*10:58 UTC/);
    const longer = await failureOf(() => said({ later: MINUTE + 1 }), 'pat-wider-than-asked');
    assert.match(
      longer.what,
      /^contoso granted more than was asked: it ends at 2026-03-01 11:01 UTC, not at 2026-03-01 11:00 UTC\.$/,
    );
  });

  it('is refused with all that is more', async () => {
    const all = {
      scope: 'vso.code_write  vso.packaging vso.work',
      later: MINUTE * 5,
      allOrganizations: true,
    } as const;
    const { what } = await failureOf(() => said(all));
    assert.match(
      what,
      /more than was asked: vso\.code_write vso\.work; it ends at .*; it is good for all organizations of its user\.$/,
    );
    assert.match(
      (await failureOf(() => said({ organizations: 2 }))).what,
      /more than was asked: it is good for 2 organizations\.$/,
    );
  });

  it('lacks what no scope of it includes, and says so; where no scopes are told nothing is known to lack', () => {
    assert.match(said({ scope: 'vso.packaging' }).join(), /^contoso granted the PAT without vso\.code\. /);
    assert.deepEqual(said({ scope: '' }), []);
    assert.deepEqual(said({ scope: ' vso.packaging vso.code ' }), []);
  });

  it('is told with the advice of whoever listens', () => {
    const advice = (situation: object) => `Ask Erika: ${Object.values(situation).join(' ')}`;
    assert.match(said({ scope: 'vso.packaging', advice }).join(), /Ask Erika: request scopes-missing$/);
    assert.match(said({ later: -5 * MINUTE, advice }).join(), /Ask Erika: request lifetime-shortened$/);
    assert.doesNotMatch(said({ scope: 'vso.packaging' }).join(), /Ask Erika/);
  });
});
