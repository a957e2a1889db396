import assert from 'node:assert/strict';
import { organizationAt } from '#azure-devops/organization';
import { verifyAll, verifyPat } from '#pat/verify';
import { emptyUnauthorized, errorMessage, json, signInPage, unavailable } from '../tasks/answers.js';
import { failureOf, mainStage, START, withoutNetwork } from '../tasks/world.js';

const organization = (name: string) => organizationAt(`https://dev.azure.com/${name}`) ?? assert.fail();
const contoso = organization('contoso');

/** A new PAT that is to be proved, and the service that is asked. */
function proving() {
  const world = mainStage();
  const effects = world.direct();
  const waited = () => world.clock.now().getTime() - START.getTime();
  return {
    world,
    service: world.service,
    effects,
    waited,
    prove: () => verifyPat('a-pat', contoso, effects),
  };
}

describe('The proof of a PAT', () => {
  withoutNetwork();

  it('is one request with it, which tells whose it is', async () => {
    const { service, prove } = proving();
    service.next('verify', () =>
      json(200, {
        authenticatedUser: { id: '0a1b2c3d-0000-4000-8000-000000000001', providerDisplayName: 'Erika' },
      }),
    );
    assert.equal((await prove()).displayName, 'Erika');
    const { url, headers } = service.request('verify');
    assert.equal(url.href, 'https://dev.azure.com/contoso/_apis/connectionData?api-version=7.1-preview.1');
    assert.equal(headers['authorization'], `Basic ${Buffer.from(':a-pat').toString('base64')}`);
  });

  it('is asked for again until half a minute is over, and fails with what was answered last', async () => {
    for (const [answer, why, status] of [
      [() => json(200, { authenticatedUser: {} }), /it is answered as an anonymous user/, undefined],
      [() => ({ status: 200, body: '' }), /the answer is empty/, 200],
      [errorMessage(403, 'Not yet.'), /HTTP 403.*Not yet/, 403],
      [emptyUnauthorized, /HTTP 401/, 401],
      [signInPage(), /HTTP 203/, 203],
      [unavailable(), /HTTP 503/, 503],
    ] as const) {
      const { service, prove, waited } = proving();
      service.always('verify', answer);
      const failure = await failureOf(prove, 'pat-not-accepted');
      assert.match(failure.what, /^The new PAT does not work in contoso yet: /);
      assert.match(failure.what, why);
      assert.deepEqual(failure.situation, { about: 'request', code: 'pat-not-accepted' });
      if (status !== undefined) assert.equal(failure.facts.status, status);
      assert.ok(waited() > 15_000 && waited() < 30_000, `${waited()} ms`);
    }
  });

  it('waits as long as an answer asks for', async () => {
    const { world, service, prove } = proving();
    service.next('verify', unavailable(503, 9));
    await prove();
    assert.deepEqual(world.clock.waits, [9_000]);
  });

  it('is asked for no longer than it has time', async () => {
    const { service, effects, waited } = proving();
    service.always('verify', unavailable());
    await failureOf(() => verifyPat('a-pat', contoso, effects, 5_000), 'pat-not-accepted');
    assert.ok(waited() < 5_000, `${waited()} ms`);
  });
});

describe('The proof of all PATs of a step', () => {
  withoutNetwork();

  it('is one of each, in their order', async () => {
    const { world, service, effects } = proving();
    const pats = ['contoso', 'fabrikam'].map(name => ({ value: name, organization: organization(name) }));
    assert.equal((await verifyAll(pats, effects)).length, 2);
    assert.deepEqual(
      service.requests.map(request => request.organization),
      ['contoso', 'fabrikam'],
    );
    assert.deepEqual(world.agent.lines('info'), [
      'Verified: contoso accepts the PAT.',
      'Verified: fabrikam accepts the PAT.',
    ]);
  });

  it('fails with the first that is not accepted, and has half a minute for each', async () => {
    const { service, effects, waited } = proving();
    service.nextIn('fabrikam', 'verify', ...Array.from({ length: 99 }, () => unavailable()));
    const pats = ['contoso', 'fabrikam'].map(name => ({ value: name, organization: organization(name) }));
    assert.match((await failureOf(() => verifyAll(pats, effects))).what, /in fabrikam yet/);
    assert.ok(waited() > 15_000 && waited() < 30_000, `${waited()} ms`);
  });
});
