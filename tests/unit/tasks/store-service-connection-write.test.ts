import assert from 'node:assert/strict';
import { errorMessage, json } from './answers.js';
import { A, B } from './emulated-stores.js';
import { itWritesOnce, writeAnswered } from './store-writes.js';
import { failureOf, withoutNetwork } from './world.js';
import { ID, RECORD, store, withMembers } from './connection-store.js';

describe('A write to a service connection', () => {
  withoutNetwork();

  it('sets parameter and record, and sends the rest back as it was', async () => {
    const { write, connection, asked, agent } = store({ data: { other: 'field' } });
    await write();
    assert.deepEqual(connection.parameters, { apitoken: 'the-value' });
    assert.equal(connection.description, `Ask Erika.\njob-pat:rotated/${B}`);
    assert.deepEqual(connection.data, { other: 'field' });
    assert.deepEqual(asked(), ['GET job ', `GET job /${ID}`, `PUT job /${ID}`]);
    assert.deepEqual(agent.lines('warning'), []);
  });

  it('reads as the one who writes', async () => {
    const { write, asked } = store({ alone: false });
    await write();
    assert.deepEqual(asked(), ['GET user ', `GET user /${ID}`, `PUT user /${ID}`]);
  });

  it('warns once of other secrets, which go back as they are shown', async () => {
    const { write, connection, agent } = store({
      parameters: { ApiToken: 'old', password: 'another', url: 'x' },
    });
    await write();
    await write(A);
    assert.deepEqual(connection.parameters, { ApiToken: 'the-value', password: 'another', url: 'x' });
    assert.deepEqual(agent.lines('warning'), [
      'The service connection "Feed" holds other secrets, which nobody can read: password. They are sent back as they are shown. Check once that the connection still works.',
    ]);
  });

  it('is not sent where only a part is shown', async () => {
    const { write, next, asked } = store({
      scheme: 'UsernamePassword',
      choice: { connectionParameter: 'password' },
      parameters: { password: 'x' },
    });
    next('GET', usual => usual(), withMembers({ authorization: { scheme: 'UsernamePassword' } }));
    const { what } = await failureOf(() => write(), 'store-refused');
    assert.match(what, /^contoso shows the identity of this job only a part of service connection "Feed"/);
    assert.ok(!asked().some(line => line.startsWith('PUT')));
  });

  it('is not sent where the connection is gone, or is no store', async () => {
    const gone = store();
    gone.next(
      'GET',
      usual => usual(),
      () => json(200, null),
    );
    await failureOf(() => gone.write(), 'store-refused');
    const issuer = store({ type: 'jobPatIssuer' });
    await failureOf(() => issuer.write(), 'store-refused');
    assert.ok(![...gone.asked(), ...issuer.asked()].some(line => line.startsWith('PUT')));
  });

  itWritesOnce(store, 'service connection "Feed", apitoken', {
    'shows another record': withMembers({ description: RECORD, serviceEndpointProjectReferences: [] }),
  });

  it('that was refused is not sent again', async () => {
    const { failure, puts } = await writeAnswered(
      store(),
      errorMessage(403, 'Not you.', 'AccessDeniedException'),
    );
    assert.deepEqual([failure?.topic, puts], ['store-refused', 1]);
  });

  it('is certainly not done where what it replaces cannot be read', async () => {
    const { write, next } = store();
    next('GET', () => json(401, {}));
    const failure = await failureOf(() => write());
    assert.equal(failure.topic, 'store-refused');
  });
});
