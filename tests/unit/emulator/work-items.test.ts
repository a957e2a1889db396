import assert from 'node:assert/strict';
import { basic, issue, jsonOf, objectOf, useEmulator } from './client.js';

describe('Work items of the emulator', () => {
  const emulator = useEmulator();
  const withScope = async (scope: string) => {
    const { value } = await issue(emulator(), { scope });
    return (
      method: 'GET' | 'PATCH',
      id: string,
      body?: unknown,
      contentType = 'application/json-patch+json',
    ) =>
      fetch(`${emulator().organizationUrl('contoso')}/_apis/wit/workItems/${id}?api-version=7.1`, {
        method,
        headers: { ...basic(value), 'content-type': contentType },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
  };
  const closed = [{ op: 'add', path: '/fields/System.State', value: 'Closed' }];
  const stateIn = async (response: Response) => objectOf((await jsonOf(response))['fields'])['System.State'];

  it('are read with vso.work, and changed with vso.work_write alone', async () => {
    const read = await withScope('vso.work');
    assert.equal(await stateIn(await read('GET', '42')), 'Active');
    assert.equal((await read('PATCH', '42', closed)).status, 401);
    const write = await withScope('vso.work_write');
    assert.equal(await stateIn(await write('PATCH', '42', closed)), 'Closed');
    assert.equal(await stateIn(await read('GET', '42')), 'Closed');
    assert.equal(await stateIn(await read('GET', '43')), 'Active');
  });

  it('take nothing but a JSON Patch of fields, and have numbers up to 100', async () => {
    const write = await withScope('vso.work_write');
    assert.equal((await write('PATCH', '42', closed, 'application/json')).status, 415);
    for (const wrong of [
      [],
      {},
      [{ op: 'remove', path: '/fields/System.State' }],
      [{ op: 'add', path: '/x', value: 1 }],
    ])
      assert.equal((await write('PATCH', '42', wrong)).status, 400);
    assert.equal(await stateIn(await write('GET', '42')), 'Active');
    for (const id of ['0', '101', 'x']) assert.equal((await write('GET', id)).status, 404);
  });
});
