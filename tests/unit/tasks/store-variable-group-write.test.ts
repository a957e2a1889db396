import assert from 'node:assert/strict';
import { emptyUnauthorized, errorMessage, json, signInPage, type Answer } from './answers.js';
import { A, B, emulatedStores } from './emulated-stores.js';
import { itWritesOnce, writeAnswered } from './store-writes.js';
import { failureOf, withoutNetwork } from './world.js';
import { store } from './group-store.js';

describe('A write to a variable group', () => {
  withoutNetwork();

  const ends = (...answers: Answer[]) => writeAnswered(store(), ...answers);

  it('counts when the answer shows the record', async () => {
    assert.equal((await ends(usual => usual())).failure, undefined);
  });

  itWritesOnce(store, 'variable group "deploy", GIT_PAT', {
    'shows another record': () => json(200, { variables: { 'GIT_PAT.authorizationId': { value: A } } }),
    'shows the record as a secret': () =>
      json(200, { variables: { 'GIT_PAT.authorizationId': { value: B, isSecret: true } } }),
  });

  it('that was not let in is certainly not done, but for a page that stands in between', async () => {
    assert.equal((await ends(emptyUnauthorized)).failure?.topic, 'store-refused');
    assert.notEqual((await ends(signInPage(200))).failure?.topic, 'store-refused');
  });

  for (const [status, code, says] of [
    [
      403,
      'group-forbidden',
      /^The variable group "deploy", GIT_PAT in project sample cannot be written by the identity of this job \(/,
    ],
    [409, 'changed-meanwhile', /^contoso did not take the new variable group "deploy", GIT_PAT \(/],
    [400, 'group-not-valid', /^contoso did not take the new/],
    [422, 'refused', /^contoso did not take the new/],
  ] as const)
    it(`that is refused with ${status} says why, and what to do`, async () => {
      const { failure } = await ends(
        errorMessage(status, 'Not so.', status === 403 ? 'AccessDeniedException' : 'XException'),
      );
      assert.equal(failure?.topic, 'store-refused');
      assert.match(failure.what, says);
      assert.match(failure.what, /Not so/);
      assert.deepEqual(failure.situation, { about: 'service', code, asker: 'pat' });
      assert.equal(failure.facts.status, status);
    });

  it('to a group that is gone says so', async () => {
    const { failure } = await ends(errorMessage(404, 'x', 'VariableGroupNotFoundException'));
    assert.equal(failure?.topic, 'store-refused');
    assert.match(failure.what, /^There is no variable group "deploy"/);
  });
});

describe('The projects that share a variable group', () => {
  withoutNetwork();

  /** What a write sends of the projects, where the service shows these. */
  async function sentFor(shown: object, ...more: Answer[]) {
    const world = store({ choice: {} });
    world.next(
      'GET user',
      usual => json(200, { ...(JSON.parse(usual().body) as object), ...shown }),
      ...more,
    );
    await world.write();
    const body = world.sent.find(({ method }) => method === 'PUT')?.body as {
      variableGroupProjectReferences: unknown;
    };
    return { references: body.variableGroupProjectReferences, asked: world.asked() };
  }
  const id = 'cdcdcdcd-3434-4565-8787-909090909090';

  const own = emulatedStores().services.organizations.get('contoso').project;

  it('go back as they came where they have names and ids', async () => {
    const projectReference = { id: own.id, name: own.name, more: 1 };
    const variableGroupProjectReferences = [{ name: 'x', description: 'y', projectReference }];
    const { references, asked } = await sentFor({ variableGroupProjectReferences });
    assert.deepEqual(references, variableGroupProjectReferences);
    assert.equal(asked.length, 3, 'nobody is asked about them');
  });

  it('are looked up where a name is missing or empty, or an id', async () => {
    const whole = { id: own.id, name: own.name };
    for (const projectReference of [
      { id: own.id },
      { ...whole, name: '' },
      { name: own.name },
      { ...whole, id: '' },
    ]) {
      const shown = { variableGroupProjectReferences: [{ name: 'x', projectReference }] };
      const { references, asked } = await sentFor(shown);
      assert.deepEqual(references, [{ name: 'x', projectReference: whole }]);
      assert.ok(
        asked.some(line => line.includes('/_apis/projects/')),
        asked.join(),
      );
    }
  });

  it('are the one of the entry where none is told, by its id or its name', async () => {
    for (const project of [own.id, own.name]) {
      const world = store({ choice: { project }, description: 'For deployments' });
      const none = { variableGroupProjectReferences: null, isShared: false };
      world.next('GET user', usual => json(200, { ...(JSON.parse(usual().body) as object), ...none }));
      await world.write();
      const body = world.sent.find(({ method }) => method === 'PUT')?.body as Record<string, unknown>;
      const projectReference = { id: own.id, name: own.name };
      const expected = [{ name: 'deploy', description: 'For deployments', projectReference }];
      assert.deepEqual(body['variableGroupProjectReferences'], expected);
    }
    const plain = store();
    const silent = { variableGroupProjectReferences: null, description: null };
    plain.next('GET user', usual => json(200, { ...(JSON.parse(usual().body) as object), ...silent }));
    await plain.write();
    const body = plain.sent.find(({ method }) => method === 'PUT')?.body as {
      variableGroupProjectReferences: { description: string }[];
    };
    assert.equal(body.variableGroupProjectReferences[0]?.description, '');
  });

  it('that are not told of a shared group keep it from being written', async () => {
    await failureOf(() => sentFor({ variableGroupProjectReferences: [], isShared: true }), 'store-refused');
  });

  it('of which one has no name that anybody sees keep it from being written', async () => {
    const failure = await failureOf(
      () => sentFor({ variableGroupProjectReferences: [{ name: 'x', projectReference: { id } }] }),
      'store-refused',
    );
    assert.match(
      failure.what,
      new RegExp(`^contoso does not tell the name of project ${id}, which shares the variable group`),
    );
  });
});
