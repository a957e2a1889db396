import fc from 'fast-check';
import assert from 'node:assert/strict';
import { organizationAt } from '#azure-devops/organization';
import { patEvents, patEventName, patEventType, readPatEvent } from '#pat/pat-event';
import { reportPatEvent, type ReportedPat } from '#pat/report-event';
import type { TimelineRecord } from '#agent/agent';

const NAME =
  'Nightly mirror 20260301.1 job-pat:build/abababab-1212-4343-8565-787878787878/4711/12f1170f/00000001';

describe('The record of an event', () => {
  const guid = fc.uuid();
  const pat = fc.record({
    organization: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,49}$/),
    authorizationId: fc.option(guid, { nil: undefined }),
    validTo: fc.option(
      fc
        .date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
        .map(date => new Date(Math.floor(date.getTime() / 1000) * 1000)),
      { nil: undefined },
    ),
    displayName: fc.stringMatching(/^[A-Za-z0-9._:/][A-Za-z0-9 ._:/-]{0,126}[A-Za-z0-9._:/]$/),
  });

  it('gives back the PAT that it was made of, and is short', () => {
    fc.assert(
      fc.property(fc.constantFrom(...patEvents), pat, (event, named) => {
        const name = patEventName(named);
        assert.deepEqual(readPatEvent(patEventType(event), name), { event, pat: { ...named } });
        assert.ok(name.length < 256, name);
      }),
    );
  });

  it('is nothing where the type is another, or the PAT has neither id nor name', () => {
    const name = `contoso 00000000-0000-4000-8000-000000000001 2026-03-01T11:00:00Z ${NAME}`;
    assert.equal(readPatEvent('Task', name), undefined);
    assert.equal(readPatEvent('JobPat.born', name), undefined);
    assert.equal(readPatEvent('JobPat.issued', 'contoso - - -'), undefined);
    assert.equal(readPatEvent('JobPat.issued', 'contoso'), undefined);
    assert.ok(readPatEvent('JobPat.issued', name));
    assert.equal(readPatEvent('JobPat.issued', ` ${name}`), undefined);
  });

  it('tells of a PAT by its id alone, or by its name alone', () => {
    const id = '00000000-0000-4000-8000-000000000001';
    const rest = { organization: 'contoso', validTo: undefined };
    assert.deepEqual(readPatEvent('JobPat.gone', `contoso ${id} - -`)?.pat, {
      ...rest,
      authorizationId: id,
      displayName: undefined,
    });
    assert.deepEqual(readPatEvent('JobPat.gone', `contoso - - ${NAME}`)?.pat, {
      ...rest,
      authorizationId: undefined,
      displayName: NAME,
    });
  });

  it('is read without throwing, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), name => {
        readPatEvent('JobPat.issued', name);
      }),
    );
  });
});

describe('An event that is written to the timeline', () => {
  const organization = organizationAt('https://dev.azure.com/contoso') ?? assert.fail();
  const authorizationId = '00000000-0000-4000-8000-000000000001';
  const written = (
    pat: Partial<ReportedPat>,
    event: Parameters<typeof reportPatEvent>[0],
    detail?: string,
  ) => {
    const records: TimelineRecord[] = [];
    const timelineRecord = (record: TimelineRecord) => {
      records.push(record);
    };
    reportPatEvent(event, { organization, displayName: NAME, ...pat }, { timelineRecord }, detail);
    assert.equal(records.length, 1);
    return records[0] ?? assert.fail();
  };

  it('names the PAT in full, with a detail where there is one', () => {
    const validTo = new Date('2026-03-01T11:00:00.7Z');
    assert.deepEqual(written({ authorizationId, validTo }, 'issued', 'vso.code'), {
      type: 'JobPat.issued',
      name: `contoso ${authorizationId} 2026-03-01T11:00:00Z ${NAME}`,
      result: 'Succeeded',
      detail: 'vso.code',
    });
    assert.deepEqual(written({}, 'gone'), {
      type: 'JobPat.gone',
      name: `contoso - - ${NAME}`,
      result: 'Succeeded',
      detail: '',
    });
  });

  it('has failed when the PAT remains, and then alone', () => {
    for (const event of patEvents)
      assert.equal(written({}, event).result, event === 'remains' ? 'Failed' : 'Succeeded');
  });

  it('tells of a PAT whose name nobody knows by its id', () => {
    assert.equal(
      written({ displayName: '', authorizationId }, 'revoked').name,
      `contoso ${authorizationId} - -`,
    );
  });

  it('is short, whatever name and detail come from outside', () => {
    const { name, detail } = written({ displayName: 'x'.repeat(500) }, 'revoked', 'y'.repeat(500));
    assert.ok(name.length < 256 && detail.length <= 201, `${name.length} ${detail.length}`);
    assert.doesNotMatch(written({ displayName: 'a\n##vso[task.complete]' }, 'revoked').name, /\n|##vso/);
  });

  it('goes nowhere where there is no timeline', () => {
    reportPatEvent('issued', { organization, displayName: NAME }, {});
  });
});
