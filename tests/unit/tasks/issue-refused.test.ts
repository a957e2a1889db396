import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSpecs } from '#emulator/contract';
import { asObject, parseJson } from '#text/json';
import { errorMessage, json, patTokenError } from './answers.js';
import { issuePat } from './issue-pat.js';
import { passingErrors, sessionTokenErrors } from './session-token-errors.js';
import { failureOf, mainStage, withoutNetwork, type World } from './world.js';
import { NO_DOCUMENTS, notHere } from '../../not-here.js';

describe('A refusal to create the PAT', () => {
  withoutNetwork();

  for (const [error, repair] of Object.entries(sessionTokenErrors)) {
    it(`${error} in an answer of 200 fails with its name and its repair`, async () => {
      const world = mainStage();
      world.service.always('create', patTokenError(error));
      const failure = await failureOf(() => issuePat(world), 'pat-refused');
      assert.match(failure.what, new RegExp(`contoso.*${error}`));
      assert.match(failure.repair, repair);
      assert.equal(world.service.count('create'), passingErrors.has(error) ? 2 : 1);
      nothingStays(world);
    });
  }

  it('that passes is asked again once, under a new name', async () => {
    const world = mainStage();
    world.service.next('create', patTokenError('failedToReadOrgPolicy'));
    await issuePat(world);
    const names = world.service.requests.flatMap(({ body }) => asObject(body)?.['displayName'] ?? []);
    assert.equal(names.length, 2);
    assert.notEqual(names[0], names[1]);
    assert.equal(world.service.alive.size, 1);
  });

  it('is known in any case, as the sibling API writes it', async () => {
    const world = mainStage();
    world.service.next('create', patTokenError('DISABLEPATCREATIONPOLICYVIOLATION'));
    const failure = await failureOf(() => issuePat(world), 'pat-refused');
    assert.match(failure.repair, /allow list/);
  });

  it('by an error that is new fails too, and says it', async () => {
    const world = mainStage();
    world.service.next('create', patTokenError('moonPhasePolicyViolation'));
    const failure = await failureOf(() => issuePat(world), 'pat-refused');
    assert.match(failure.message, /moonPhasePolicyViolation/);
    nothingStays(world);
  });

  it('shows the message that 7.2 adds', async () => {
    const world = mainStage();
    world.service.next('create', () =>
      json(200, {
        patToken: null,
        patTokenError: 'accessDenied',
        patTokenErrorMessage: 'Ask Erika.\n##vso[task.complete result=Succeeded]',
      }),
    );
    const failure = await failureOf(() => issuePat(world), 'pat-refused');
    assert.match(failure.message, /Ask Erika\./);
    assert.doesNotMatch(failure.message, /\n|##vso\[/);
  });

  it('in PascalCase in the message of a 400 is recognized', async () => {
    const world = mainStage();
    world.service.next('create', errorMessage(400, 'FullScopePatPolicyViolation'));
    const failure = await failureOf(() => issuePat(world), 'pat-refused');
    assert.match(failure.repair, /app_token/);
    nothingStays(world);
  });

  for (const status of [400, 403, 409]) {
    it(`as patTokenError in an answer of ${status} is recognized`, async () => {
      const world = mainStage();
      world.service.next('create', patTokenError('patLifespanPolicyViolation', status));
      const failure = await failureOf(() => issuePat(world), 'pat-refused');
      assert.match(failure.repair, /validFor/);
      nothingStays(world);
    });
  }

  it('of a service principal says that only a user can have PATs', async () => {
    const world = mainStage();
    world.service.next(
      'create',
      errorMessage(
        403,
        'Service principals are not allowed to perform this action.',
        'InvalidAccessException',
      ),
    );
    const failure = await failureOf(() => issuePat(world), 'identity-not-allowed');
    assert.match(failure.message, /Only a user can manage PATs/);
  });

  it('of a PAT as credential says that an Entra token is needed', async () => {
    const world = mainStage();
    world.service.next(
      'create',
      errorMessage(400, 'The requested operation is not allowed.', 'InvalidAccessException'),
    );
    const failure = await failureOf(() => issuePat(world), 'identity-not-allowed');
    assert.match(failure.message, /Entra token of a user/);
  });

  it('for a user who is not a member names the repair', async () => {
    const world = mainStage();
    world.service.next(
      'create',
      errorMessage(401, "TF400813: The user 'a' is not authorized to access this resource."),
    );
    const failure = await failureOf(() => issuePat(world), 'access-denied');
    assert.match(failure.message, /TF400813.*access level Basic/);
  });

  it('for a user who never signed in with a browser names the repair', async () => {
    const world = mainStage();
    world.service.next(
      'create',
      errorMessage(401, 'TF401444: Please sign-in at least once as a@b.c in a web browser.'),
    );
    const failure = await failureOf(() => issuePat(world), 'access-denied');
    assert.match(failure.repair, /sign in there once with a browser/);
  });

  it('by Conditional Access names its administrator', async () => {
    const world = mainStage();
    world.service.next(
      'create',
      errorMessage(401, 'VS403463: The conditional access policy defined by your administrator has failed.'),
    );
    const failure = await failureOf(() => issuePat(world), 'access-denied');
    assert.match(failure.repair, /Conditional Access/);
  });

  it('without any reason still says what was refused', async () => {
    const world = mainStage();
    world.service.next('create', () => ({ status: 403, body: '' }));
    const failure = await failureOf(() => issuePat(world), 'access-denied');
    assert.match(failure.message, /contoso.*403/);
  });

  it('in the header X-TFS-ServiceError is shown, decoded', async () => {
    const world = mainStage();
    world.service.next('create', () => ({
      status: 403,
      body: '',
      headers: { 'x-tfs-serviceerror': 'Access%20Denied%3a+no%20licence' },
    }));
    const failure = await failureOf(() => issuePat(world), 'access-denied');
    assert.match(failure.message, /Access Denied: no licence/);
  });
});

describe('The list of refusals', () => {
  it('is the one of the specification', function () {
    const specs = findSpecs(undefined);
    if (specs === undefined) return notHere(this, NO_DOCUMENTS);
    const document = parseJson(readFileSync(join(specs, 'tokens', '7.2', 'tokens.json'), 'utf8'));
    const definitions = asObject(asObject(document)?.['definitions']);
    const properties = asObject(asObject(definitions?.['PatTokenResult'])?.['properties']);
    const values = asObject(properties?.['patTokenError'])?.['enum'];
    assert.ok(Array.isArray(values));
    assert.deepEqual(new Set(values), new Set(['none', ...Object.keys(sessionTokenErrors)]));
    return undefined;
  });
});

/** A refusal made nothing: nothing is handed over, looked for or left for the post-job step. */
function nothingStays({ agent, service }: World): void {
  assert.deepEqual(agent.secretVariables, {});
  assert.deepEqual(agent.outputs, {});
  assert.equal(agent.taskVariable('JobPat.Record'), '[]');
  assert.equal(service.count('list'), 0);
}
