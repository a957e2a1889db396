import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findSpecs } from '#emulator/contract';
import { fault, startEmulator } from '#emulator/index';
import { create, issue, jsonOf, objectOf, patApi, patRequest, useEmulator } from './client.js';
import { NO_DOCUMENTS, notHere } from '../../not-here.js';

describe('the comparison with the OpenAPI documents', () => {
  const specs = findSpecs(undefined);
  before(function () {
    if (specs === undefined) notHere(this, NO_DOCUMENTS);
  });
  const emulator = useEmulator();

  it('has nothing to say about the whole life of a PAT, in each version', async () => {
    for (const version of ['7.1-preview.1', '7.2-preview.1']) {
      const body = await jsonOf(await create(emulator(), {}, { version }));
      const authorizationId = String(objectOf(body['patToken'])['authorizationId']);
      await patApi(emulator(), { version, query: { authorizationId } });
      await patApi(emulator(), {
        version,
        query: { displayFilterOption: 'active', $top: '100', isSortAscending: 'true' },
      });
      await patApi(emulator(), { version, method: 'PUT', body: { authorizationId, displayName: 'other' } });
      await patApi(emulator(), { version, method: 'DELETE', query: { authorizationId } });
      await patApi(emulator(), {
        version,
        query: { authorizationId: '3d3aca0c-9ad3-4b07-8334-08ec8b1ddc32' },
      });
      await create(emulator(), { allOrgs: true }, { version });
      await patApi(emulator(), { version, bearer: 'x' });
    }
    assert.deepEqual(emulator().violations, []);
    assert.equal(emulator().checksContract, true);
  });

  const wrong: readonly [string, Parameters<typeof patApi>[1], RegExp][] = [
    [
      'an unknown field',
      { method: 'POST', body: { ...patRequest(), name: 'x' } },
      /additional properties.*"name"/,
    ],
    [
      'a field of another type',
      { method: 'POST', body: patRequest({ allOrgs: 'no' }) },
      /\/allOrgs must be boolean/,
    ],
    [
      'an end that is no time',
      { method: 'POST', body: patRequest({ validTo: 'soon' }) },
      /\/validTo must match format/,
    ],
    ['no body', { method: 'POST' }, /must be object/],
    ['no version', { version: '' }, /must have required property 'api-version'/],
    ['an unknown query parameter', { query: { filter: 'x' } }, /additional properties.*"filter"/],
    [
      'an unknown filter',
      { query: { displayFilterOption: 'dead' } },
      /\/displayFilterOption must be equal to one of/,
    ],
    ['a page size that is no number', { query: { $top: 'all' } }, /\/\$top must be integer/],
    [
      'an id that is none',
      { method: 'DELETE', query: { authorizationId: 'x' } },
      /\/authorizationId must match format/,
    ],
  ];
  for (const [what, call, problem] of wrong) {
    it(`notes ${what}`, async () => {
      await patApi(emulator(), call);
      const [violation, ...others] = emulator().violations;
      assert.deepEqual(others, []);
      assert.equal(violation?.side, 'request');
      assert.match(violation.problem, problem);
    });
  }

  it('looks at the request also where a fault hides the answer, but not at the answer of a fault', async () => {
    emulator().faults.add('pats', fault.patTokenError('fullMoon'), { times: 2 });
    await create(emulator());
    await create(emulator(), { name: 'x' });
    assert.deepEqual(
      emulator().violations.map(({ side }) => side),
      ['request'],
    );
  });

  it("agrees with Microsoft's own examples about the shape of answers", async () => {
    if (specs === undefined) return;
    const examples = join(specs, 'tokens', '7.2', 'httpExamples', 'Pats');
    const example = objectOf(JSON.parse(await readFile(join(examples, 'CreatePat.json'), 'utf8')));
    const published = objectOf(objectOf(objectOf(objectOf(example['responses'])['200'])['body'])['patToken']);
    const { id } = await issue(emulator());
    const { patToken } = await jsonOf(await patApi(emulator(), { query: { authorizationId: id } }));
    assert.deepEqual(Object.keys(objectOf(patToken)), Object.keys(published));
  });
});

describe('an emulator without OpenAPI documents', () => {
  it('compares nothing and says so', async () => {
    const emulator = await startEmulator({ specs: '/nowhere' });
    try {
      await create(emulator, { name: 'x' });
      assert.deepEqual([emulator.checksContract, emulator.violations], [false, []]);
    } finally {
      await emulator.close();
    }
  });
});
