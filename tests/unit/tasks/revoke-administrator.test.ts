import assert from 'node:assert/strict';
import { objectsOf } from '#text/json';
import { AdministrationService } from './administration-service.js';
import { emptyUnauthorized, errorMessage, json, signInPage, type Answer } from './answers.js';
import { nameOf, revokePats, revokeStep, rowsOf } from './revoke-pats.js';
import { failureOf, withoutNetwork, type World } from './world.js';

const PAT = 'Admin'.repeat(10);
const ENTRA_TOKEN = 'eyJ0.eyJ1.c2ln';
const USER = 'pat-issuer@contoso.com';

function step(inputs: Readonly<Record<string, string>>): World {
  return revokeStep({ as: 'administrator', patIssuer: '', adminToken: PAT, user: USER, ...inputs });
}

/** An organization with ten people, of whom the last one issues PATs. */
function organization(now?: Date): {
  service: AdministrationService;
  issuer: ReturnType<AdministrationService['addUser']>;
} {
  const service = new AdministrationService(now);
  for (let number = 1; number < 10; number++) service.addUser(`person${number}@contoso.com`);
  return { service, issuer: service.addUser(USER, 'robot@contoso.com') };
}

describe('An administrator', () => {
  withoutNetwork();

  for (const [what, user] of [
    ['sign-in name', USER],
    ['sign-in name in another case', USER.toUpperCase()],
    ['mail address', 'Robot@contoso.com'],
  ] as const) {
    it(`finds the user by ${what}, on whatever page`, async () => {
      const { service, issuer } = organization();
      const token = service.addToken(issuer, nameOf(4711));
      assert.equal(await revokePats(step({ what: 'run', user })), undefined);
      assert.ok(!service.isAlive(token));
      assert.deepEqual(
        service.asked(/^graph/).map(query => query.has('continuationToken')),
        [false, true, true, true],
      );
    });
  }

  it('needs nobody to look for where a subject descriptor is given', async () => {
    const { service, issuer } = organization();
    const token = service.addToken(issuer, nameOf(4711));
    await revokePats(step({ what: 'run', user: issuer.descriptor }));
    assert.ok(!service.isAlive(token));
    assert.deepEqual(service.asked(/^graph/), []);
  });

  it('is not misled by a sign-in name with a dot', async () => {
    const { service } = organization();
    const token = service.addToken(service.addUser('john.anderson'), nameOf(4711));
    await revokePats(step({ what: 'run', user: 'john.anderson' }));
    assert.ok(!service.isAlive(token));
  });

  it('is told when there is no such user, and when several have the same address', async () => {
    const { service } = organization();
    const unknown = await failureOf(
      () => revokePats(step({ what: 'run', user: 'nobody' })),
      'user-not-found',
    );
    assert.match(unknown.message, /contoso has no user "nobody"/);
    const gone = await failureOf(
      () => revokePats(step({ what: 'run', user: 'aad.bm9ib2R5' })),
      'user-not-found',
    );
    assert.match(gone.message, /contoso has no user "aad\.bm9ib2R5"/);
    for (const name of ['one', 'two']) service.addUser(name, 'team@contoso.com');
    const several = await failureOf(
      () => revokePats(step({ what: 'run', user: 'team@contoso.com' })),
      'user-not-found',
    );
    assert.match(several.message, /2 users.*subject descriptor/);
    assert.deepEqual(service.revocations, []);
  });

  it('ends PATs of the user by id, on whatever page, and nobody else’s', async () => {
    const { service, issuer } = organization();
    const [other] = service.users;
    assert.ok(other);
    const tokens = Array.from({ length: 108 }, (_, index) => service.addToken(issuer, `PAT ${index}`));
    const theirs = service.addToken(other, nameOf(4711));
    const last = tokens.at(-1);
    assert.ok(last);
    const world = step({
      what: 'ids',
      authorizationIds: `${last.authorizationId},${theirs.authorizationId}`,
    });
    assert.equal(await revokePats(world), undefined);
    assert.ok(!service.isAlive(last));
    assert.ok([...tokens.slice(0, -1), theirs].every(token => service.isAlive(token)));
    assert.deepEqual(service.revocations, [[{ authorizationId: last.authorizationId }]]);
    assert.deepEqual(world.agent.outputs, { revokedCount: '1', keptCount: '1', failedCount: '0' });
    assert.deepEqual(
      rowsOf(world).map(({ name, why }) => [name, why]),
      [
        ['PAT 107', 'asked for'],
        [theirs.authorizationId, 'no active PAT of this user'],
      ],
    );
  });

  it('ends PATs by name only where Job PAT made them', async () => {
    const { service, issuer } = organization();
    const mine = service.addToken(issuer, nameOf(4711));
    const foreign = ['Nightly', `${nameOf(4711)} `].map(name => service.addToken(issuer, name));
    await revokePats(step({ what: 'name', namePattern: 'Nightly*' }));
    assert.ok(!service.isAlive(mine));
    assert.ok(foreign.every(token => service.isAlive(token)));
  });

  it('leaves alone what is over already, unless the agent’s clock alone says so', async () => {
    const { service, issuer } = organization(new Date('2026-03-01T09:57:00Z'));
    service.addToken(issuer, nameOf(4711), { revoked: true });
    service.addToken(issuer, nameOf(4711), { validTo: '2026-02-01T00:00:00Z' });
    const nearly = service.addToken(issuer, nameOf(4711), { validTo: '2026-03-01T09:58:00Z' });
    await revokePats(step({ what: 'run' }));
    assert.deepEqual(service.revocations, [[{ authorizationId: nearly.authorizationId }]]);
  });

  for (const zone of ['Asia/Tokyo', 'America/Los_Angeles']) {
    it(`takes ends without a zone for UTC, on an agent in ${zone} too`, async () => {
      const { service, issuer } = organization();
      const alive = service.addToken(issuer, nameOf(4711), { validTo: '2026-03-01T11:00:00Z' });
      const unending = service.addToken(issuer, nameOf(4711), { validTo: '0001-01-01T00:00:00Z' });
      const over = service.addToken(issuer, nameOf(4711), { validTo: '2026-03-01T09:00:00.123Z' });
      service.alwaysAbout(issuer, 'tokenadmin', usual => {
        const reply = usual();
        return { ...reply, body: reply.body.replaceAll('"isValid":false', '"isValid":true') };
      });
      const before = process.env['TZ'];
      process.env['TZ'] = zone;
      try {
        await revokePats(step({ what: 'name', namePattern: 'Nightly*' }));
      } finally {
        if (before === undefined) delete process.env['TZ'];
        else process.env['TZ'] = before;
      }
      const revoked = service.revocations.flatMap(body =>
        objectsOf(body).map(entry => entry['authorizationId']),
      );
      assert.deepEqual(
        [alive, unending, over].map(({ authorizationId }) => revoked.includes(authorizationId)),
        [true, true, false],
      );
    });
  }

  it('with whatIf revokes nothing', async () => {
    const { service, issuer } = organization();
    service.addToken(issuer, nameOf(4711));
    await revokePats(step({ what: 'run', whatIf: 'true' }));
    assert.deepEqual(service.revocations, []);
  });

  it('asks for private tokens only, as the API wants it', async () => {
    const { service, issuer } = organization();
    service.addToken(issuer, nameOf(4711));
    await revokePats(step({ what: 'run' }));
    const [listing] = service.asked(/personalaccesstokens/);
    const [revocation] = service.asked(/revocations/);
    assert.deepEqual(
      [listing?.get('isPublic'), listing?.get('pageSize'), listing?.get('api-version')],
      ['false', '100', '7.1'],
    );
    assert.equal(revocation?.get('isPublic'), 'false');
  });

  for (const [what, adminToken, authorization] of [
    ['an Entra token as Bearer', ENTRA_TOKEN, `Bearer ${ENTRA_TOKEN}`],
    ['a PAT as Basic', PAT, `Basic ${Buffer.from(`:${PAT}`).toString('base64')}`],
  ] as const) {
    it(`sends ${what}, masked before`, async () => {
      const { service, issuer } = organization();
      service.addToken(issuer, nameOf(4711));
      const world = step({ what: 'run', adminToken });
      await revokePats(world);
      assert.ok(service.requests.length > 0);
      for (const request of service.requests) assert.equal(request.authorization, authorization);
      assert.ok(world.agent.masks.includes(adminToken));
    });
  }

  for (const [what, answer] of [
    ['an empty 401', emptyUnauthorized],
    ['a sign-in page', signInPage()],
    ['403', errorMessage(403, 'TF50309: no permission', 'AccessDeniedException')],
  ] as const satisfies readonly (readonly [string, Answer])[]) {
    it(`who is none is told by ${what} which right is missing`, async () => {
      organization().service.next(answer);
      const failure = await failureOf(() => revokePats(step({ what: 'run' })), 'access-denied');
      assert.match(failure.message, /adminToken.*Project Collection Administrator.*vso\.tokenadministration/);
    });
  }

  const gone: Record<string, Answer> = {
    'the service says is gone': errorMessage(404, 'No such token.', 'SessionTokenNotFoundException'),
    'is not listed any more after a 404 that says nothing': () => json(404, { message: 'gone' }),
    'is not listed any more after a 202': () => ({ status: 202, body: '' }),
  };
  for (const [what, answer] of Object.entries(gone)) {
    it(`takes a PAT that ${what} for revoked`, async () => {
      const { service, issuer } = organization();
      service.addToken(issuer, nameOf(4711));
      service.next(
        usual => usual(),
        usual => {
          usual();
          return answer(usual);
        },
      );
      const world = step({ what: 'run', user: issuer.descriptor });
      assert.equal(await revokePats(world), undefined);
      assert.deepEqual(
        rowsOf(world).map(({ done }) => done),
        ['gone already'],
      );
    });
  }

  const lies: Record<string, Answer> = {
    'an empty 404': () => ({ status: 404, body: '' }),
    'a 202': () => ({ status: 202, body: '' }),
    'a 200 that says nothing of PATs': () => json(200, { status: 'ok' }),
    'a 404 of another kind of thing': errorMessage(404, 'tokenNotFound', 'ProjectDoesNotExistException'),
  };
  for (const [what, answer] of Object.entries(lies)) {
    it(`does not take a PAT for gone after ${what} while the list holds it`, async () => {
      const { service, issuer } = organization();
      service.addToken(issuer, nameOf(4711));
      service.next(usual => usual(), answer);
      const world = step({ what: 'run', user: issuer.descriptor });
      const outcome = await revokePats(world);
      assert.notEqual(outcome, undefined);
      assert.equal(world.agent.outputs['failedCount'], '1');
    });
  }
});
