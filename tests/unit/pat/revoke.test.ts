import assert from 'node:assert/strict';
import { Failure } from '#advice/failure';
import { bearer } from '#azure-devops/identity';
import { organizationAt, type Organization } from '#azure-devops/organization';
import { processMemory, StepLedger, type LedgerEntry } from '#pat/ledger';
import { forgetExpired, remainingText, revokeRecorded, type Looks } from '#pat/revoke';
import { UserPats } from '#pat/user-pats';
import { HOUR, MINUTE } from '#text/lifetime';
import { errorMessage, lost, patTokenError, unavailable } from '../tasks/answers.js';
import { mainStage, START, withoutNetwork } from '../tasks/world.js';

const organization = (name: string): Organization =>
  organizationAt(`https://dev.azure.com/${name}`) ?? assert.fail();
const contoso = organization('contoso');
const fabrikam = organization('fabrikam');

/** A step with a record, at its end. */
function ending() {
  const world = mainStage({ fields: { allowedOrganizations: 'contoso fabrikam' } });
  const { service, clock } = world;
  const effects = world.direct();
  const pats = new UserPats(bearer('issuing-user', service.signIn()), effects);
  const record = new StepLedger(processMemory());
  const entry = (displayName: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
    organization: contoso,
    displayName,
    validTo: new Date(START.getTime() + HOUR),
    asked: new Date(START.getTime() - MINUTE),
    ...more,
  });
  return {
    world,
    service,
    record,
    /** A PAT that was made, and is known by its id. */
    made: async (displayName: string, more: Partial<LedgerEntry> = {}) => {
      const { authorizationId } = service.add(displayName, more.organization?.name);
      await record.intend(entry(displayName, { authorizationId, ...more }));
    },
    /** A PAT that was asked for, and nobody knows whether it was made. */
    asked: async (displayName: string, more: Partial<LedgerEntry> = {}) => {
      await record.intend(entry(displayName, more));
    },
    end: (budget = MINUTE, looks?: Looks) => revokeRecorded(record, pats, effects, budget, looks),
    waited: () => clock.now().getTime() - START.getTime(),
    names: () => record.pats.map(({ displayName }) => displayName),
    info: () => world.agent.lines('info').join('\n'),
  };
}

describe('What a step made', () => {
  withoutNetwork();

  it('is revoked by its ids, in each organization, and taken off the record', async () => {
    const { service, made, end, names, info, world } = ending();
    await made('one');
    await made('two', { organization: fabrikam });
    assert.deepEqual(await end(), []);
    assert.deepEqual([service.operations, service.alive.size, names()], [['revoke', 'revoke'], 0, []]);
    assert.match(info(), /Revoked PAT "one" in contoso\.\nRevoked PAT "two" in fabrikam\./);
    assert.deepEqual(
      world.agent.timelineRecords.map(({ type, result }) => [type, result]),
      [
        ['JobPat.revoked', 'Succeeded'],
        ['JobPat.revoked', 'Succeeded'],
      ],
    );
  });

  it('is told as gone where somebody else ended it', async () => {
    const { service, made, end, names, info, world } = ending();
    await made('one');
    service.next('revoke', patTokenError('authorizationNotFound'));
    assert.deepEqual([await end(), names()], [[], []]);
    assert.match(info(), /PAT "one" in contoso was gone already\./);
    assert.equal(world.agent.timelineRecords[0]?.type, 'JobPat.gone');
  });

  it('sends nothing when there is nothing', async () => {
    const { service, end } = ending();
    assert.deepEqual([await end(), service.operations], [[], []]);
  });

  it('remains with the reason where it cannot be revoked, and the others are revoked', async () => {
    const { service, made, end, names } = ending();
    await made('one');
    await made('two');
    service.next('revoke', errorMessage(403, 'Not you.'));
    const remaining = await end();
    assert.equal(remaining.length, 1);
    assert.deepEqual(names(), [remaining[0]?.pat.displayName]);
    assert.match(remaining[0]?.failure.message ?? '', /Not you/);
    assert.equal(service.alive.size, 1);
  });

  it('shares its time: what cannot be revoked leaves as much to those that come after ten', async () => {
    const { world, service, made, end, waited } = ending();
    for (let number = 1; number <= 11; number++) await made(`PAT ${number}`);
    const sent: number[] = [];
    service.always('revoke', usual => {
      sent.push(world.clock.now().getTime() - START.getTime());
      return unavailable()(usual);
    });
    assert.equal((await end(20_000)).length, 11);
    const last = service.requests.findIndex(({ url }) =>
      url.href.includes(service.made[10]?.authorizationId ?? '-'),
    );
    assert.ok((sent[last] ?? Infinity) <= 10_000, `${sent[last]} ms`);
    assert.ok(waited() > 15_000 && waited() <= 20_000, `${waited()} ms`);
  });
});

describe('Many PATs of a step', () => {
  withoutNetwork();

  it('are revoked once each, those with an id before those that are looked for', async () => {
    const { service, asked, made, end } = ending();
    await asked('mine');
    for (let number = 1; number <= 21; number++)
      await made(`PAT ${number}`, number > 10 ? { organization: fabrikam } : {});
    assert.deepEqual(await end(), []);
    assert.deepEqual(service.operations, [...Array.from({ length: 21 }, () => 'revoke'), 'list', 'list']);
  });
});

describe('What a step asked for, and nobody knows whether it was made', () => {
  withoutNetwork();

  it('is found by its name and revoked, and nothing else is', async () => {
    const { service, asked, end, names, info, world } = ending();
    const [mine] = [service.add('mine'), service.add('mine too')];
    await asked('mine');
    assert.deepEqual([await end(), names()], [[], []]);
    assert.deepEqual(
      [...service.alive.values()].map(({ displayName }) => displayName),
      ['mine too'],
    );
    assert.match(info(), /Found and revoked PAT "mine", whose creation was cut short\./);
    const [told] = world.agent.timelineRecords;
    assert.equal(told?.type, 'JobPat.revoked');
    assert.ok(told.name.includes(mine.authorizationId));
  });

  it('is found too where it arrives between two looks', async () => {
    const { service, asked, end, names } = ending();
    await asked('mine');
    service.next('list', usual => {
      const reply = usual();
      service.add('mine');
      return reply;
    });
    assert.deepEqual([await end(), names(), service.alive.size], [[], [], 0]);
  });

  it('is looked for twice, two seconds apart, and stays on the record when it is not found', async () => {
    const { service, asked, end, names, info, waited } = ending();
    await asked('mine');
    assert.deepEqual([await end(), names()], [[], ['mine']]);
    assert.deepEqual([service.operations, waited()], [['list', 'list'], 2_000]);
    assert.match(
      info(),
      /There is no PAT named "mine" in contoso, 62 s after it was asked for\..* ends at 2026-03-01 11:00 UTC/,
    );
  });

  it('is looked for twice, however young it is, where a later stage looks once more', async () => {
    const { service, asked, end } = ending();
    await asked('mine', { asked: START });
    await end();
    assert.equal(service.count('list'), 2);
  });

  it('is told as not found, and nothing else is', async () => {
    const { service, asked, made, end, info } = ending();
    await made('known');
    await asked('mine');
    service.next('revoke', errorMessage(403, 'Not you.'));
    assert.deepEqual(
      (await end()).map(({ pat }) => pat.displayName),
      ['known'],
    );
    assert.deepEqual(info().match(/There is no PAT named "\w+"/g), ['There is no PAT named "mine"']);
  });

  it('is looked for once where there is no time for more', async () => {
    const { service, asked, end, names } = ending();
    await asked('mine');
    assert.deepEqual([await end(2_000), names(), service.count('list')], [[], ['mine'], 1]);
    assert.deepEqual([await end(3_000), service.count('list')], [[], 3]);
  });

  it('is looked for until its request cannot arrive any more, where nobody looks later', async () => {
    const { service, asked, end, waited } = ending();
    await asked('mine', { asked: START });
    assert.deepEqual(await end(MINUTE, 'until it cannot arrive'), []);
    assert.equal(waited(), 30_000);
    assert.equal(service.count('list'), 8, 'at 0, 2, 7, 12, 17, 22, 27 and 30 seconds');
  });

  it('is looked for twice at least, also when it was asked for long ago', async () => {
    const { service, asked, end, waited } = ending();
    await asked('mine', { asked: new Date(START.getTime() - HOUR) });
    await end(MINUTE, 'until it cannot arrive');
    assert.deepEqual([service.count('list'), waited()], [2, 2_000]);
  });

  it('counts from the latest request, and a clock that went back makes it no younger than none', async () => {
    const { asked, end, waited } = ending();
    await asked('first', { asked: new Date(START.getTime() - HOUR) });
    await asked('second', { asked: new Date(START.getTime() + 3_000) });
    await end(MINUTE, 'until it cannot arrive');
    assert.equal(waited(), 33_000);
  });

  it('may be alive where the time is used up before its request cannot arrive any more', async () => {
    const { asked, end, names } = ending();
    await asked('mine', { asked: START });
    const [left, ...others] = await end(20_000, 'until it cannot arrive');
    assert.deepEqual([left?.pat.displayName, others, names()], ['mine', [], ['mine']]);
    assert.equal(left?.failure.topic, 'out-of-time');
    assert.match(left.failure.what, /^It was not found 17 s after it was asked for/);
    assert.equal(left.failure.repair, '');
  });

  it('is told in minutes and hours when it was asked for long ago', async () => {
    const { asked, end, info } = ending();
    await asked('mine', { asked: new Date(START.getTime() - HOUR) });
    await end();
    const young = ending();
    await young.asked('mine', { asked: new Date(START.getTime() - 117_999) });
    await young.asked('old', { asked: new Date(START.getTime() - HOUR) });
    await young.end();
    assert.match(young.info(), /in contoso, 120 s after it was asked for/);
    const older = ending();
    await older.asked('mine', { asked: new Date(START.getTime() - 118_000) });
    await older.end();
    assert.match(older.info(), /in contoso, 2m after it was asked for/);
    assert.match(info(), /in contoso, 1h(?: 0?m?)?.* after it was asked for/);
  });

  it('remains, each of them, where the list cannot be read, and those with an id are revoked before', async () => {
    const { service, asked, made, end, names } = ending();
    await asked('mine');
    await asked('mine too');
    await made('known');
    service.always('list', lost);
    const remaining = await end(10_000);
    assert.deepEqual(
      remaining.map(({ pat }) => pat.displayName),
      ['mine', 'mine too'],
    );
    assert.deepEqual(names(), ['mine', 'mine too']);
    assert.equal(service.operations.filter(operation => operation === 'revoke').length, 1);
  });

  it('does not remain when it was found before the next look failed', async () => {
    const { service, asked, end } = ending();
    service.add('mine');
    await asked('mine');
    await asked('mine too');
    service.next('list', usual => usual(), ...Array.from({ length: 30 }, () => lost));
    assert.deepEqual(
      (await end(10_000)).map(({ pat }) => pat.displayName),
      ['mine too'],
    );
  });
});

describe('What has expired', () => {
  withoutNetwork();

  it('needs no request ten minutes later, by whatever clock, and is told as expired', async () => {
    const { world, record, made, service, end, names } = ending();
    const endsAt = (milliseconds: number) => ({ validTo: new Date(START.getTime() + milliseconds) });
    await made('over', endsAt(-10 * MINUTE - 1));
    await made('perhaps', endsAt(-10 * MINUTE));
    await forgetExpired(record, world.effects);
    assert.deepEqual(names(), ['perhaps']);
    assert.match(
      world.agent.lines('info').join(),
      /^PAT "over" in contoso expired at 2026-03-01 09:49 UTC: nothing to revoke\.$/,
    );
    assert.equal(world.agent.timelineRecords[0]?.type, 'JobPat.expired');
    await made('over too', endsAt(-HOUR));
    await end();
    assert.equal(service.count('revoke'), 1);
    assert.deepEqual(names(), []);
  });
});

describe('What is said of a PAT that stays', () => {
  withoutNetwork();

  const failure = new Failure('service-unavailable', 'It is closed.', '');
  const pat: LedgerEntry = { organization: contoso, displayName: 'mine', validTo: START, asked: START };

  it('names it by id where there is one, by name where not, with its end, the reason and the page', () => {
    const advice = (situation: object) => JSON.stringify(situation);
    const page = 'https://dev.azure.com/contoso/_usersSettings/tokens';
    const known = remainingText({ pat: { ...pat, authorizationId: 'the-id' }, failure }, advice);
    assert.match(
      known,
      /^PAT "mine" \(authorization id the-id\) stays alive in contoso until 2026-03-01 10:00 UTC: It is closed/,
    );
    assert.ok(known.endsWith(JSON.stringify({ about: 'left-alive', code: 'known', page })));
    const named = remainingText({ pat, failure }, advice);
    assert.match(
      named,
      /^A PAT named "mine" may be alive in contoso until 2026-03-01 10:00 UTC: It is closed/,
    );
    assert.ok(named.endsWith(JSON.stringify({ about: 'left-alive', code: 'by-name', page })));
  });
});

describe('The PATs of a user', () => {
  withoutNetwork();

  it('are opened once for each organization, and once more for cleaning up', () => {
    const pats = new UserPats(bearer('issuing-user', 'x'), mainStage().effects);
    assert.equal(pats.in(contoso), pats.in(contoso));
    assert.notEqual(pats.in(contoso), pats.in(fabrikam));
    assert.equal(pats.cleanup, pats.cleanup);
    assert.notEqual(pats.cleanup.in(contoso), pats.in(contoso));
  });
});
