import assert from 'node:assert/strict';
import { errorMessage, patTokenError, unavailable } from './answers.js';
import { afterJob, issuePat } from './issue-pat.js';
import { patValue } from './pat-service.js';
import { failureOf, mainStage, withoutNetwork } from './world.js';

const three = {
  inputs: {
    organization: 'contoso, fabrikam-eu\nhttps://dev.azure.com/tailspin',
    basicVariableName: 'BASIC',
  },
  fields: { allowedOrganizations: 'contoso fabrikam-eu tailspin' },
};

describe('A PAT for each of several organizations', () => {
  withoutNetwork();

  it('is issued, verified and exposed under the name of its organization', async () => {
    const world = mainStage(three);
    await issuePat(world);
    const pats = world.service.requests.filter(({ operation }) => operation === 'create');
    assert.deepEqual(
      pats.map(({ organization }) => organization),
      ['contoso', 'fabrikam-eu', 'tailspin'],
    );
    assert.equal(world.service.count('verify'), 3);
    assert.equal(world.service.count('redeem'), 1);
    assert.deepEqual(Object.keys(world.agent.secretVariables), [
      'JOB_PAT_CONTOSO',
      'BASIC_CONTOSO',
      'JOB_PAT_FABRIKAM_EU',
      'BASIC_FABRIKAM_EU',
      'JOB_PAT_TAILSPIN',
      'BASIC_TAILSPIN',
    ]);
    assert.equal(world.agent.secretVariables['JOB_PAT_TAILSPIN'], patValue(3));
  });

  it('is asked for everywhere before the first answer is here, and so is its proof', async () => {
    const world = mainStage(three);
    await issuePat(world);
    const steps = world.story(event => {
      if (event.kind === 'request') return event.url.includes('/tokens/pats') ? 'create' : 'other request';
      return event.kind === 'answer' ? 'answer' : undefined;
    });
    assert.deepEqual(steps, [
      ...['other request', 'answer'],
      ...['create', 'create', 'create', 'answer', 'answer', 'answer'],
      ...['other request', 'other request', 'other request', 'answer', 'answer', 'answer'],
    ]);
  });

  it('is told of in the order asked', async () => {
    const world = mainStage(three);
    await issuePat(world);
    const told = world.agent
      .lines('info')
      .flatMap(
        line => /^(Issued|Verified).*?(contoso|fabrikam-eu|tailspin)/.exec(line)?.slice(1).join(' ') ?? [],
      );
    assert.deepEqual(told, [
      ...['Issued contoso', 'Issued fabrikam-eu', 'Issued tailspin'],
      ...['Verified contoso', 'Verified fabrikam-eu', 'Verified tailspin'],
    ]);
  });

  it('gives outputs as lists in the order asked', async () => {
    const world = mainStage(three);
    await issuePat(world);
    const made = world.service.made;
    assert.equal(world.agent.outputs['authorizationId'], made.map(pat => pat.authorizationId).join(','));
    assert.equal(world.agent.outputs['patName'], made.map(pat => pat.displayName).join(','));
    assert.equal(world.agent.outputs['validTo']?.split(',').length, 3);
    assert.equal(new Set(made.map(pat => pat.displayName)).size, 3);
  });

  it('is one PAT when the same organization is named twice', async () => {
    const world = mainStage({
      inputs: { organization: 'contoso, CONTOSO, https://contoso.visualstudio.com/' },
    });
    await issuePat(world);
    assert.equal(world.service.made.length, 1);
    assert.deepEqual(Object.keys(world.agent.secretVariables), ['JOB_PAT']);
  });

  it('is revoked again everywhere when the third organization refuses', async () => {
    const world = mainStage(three);
    world.service.nextIn('tailspin', 'create', patTokenError('disablePatCreationPolicyViolation'));
    const failure = await failureOf(() => issuePat(world), 'pat-refused');
    assert.match(failure.message, /tailspin/);
    assert.equal(world.service.made.length, 2);
    assert.equal(world.service.alive.size, 0);
    assert.deepEqual(world.agent.secretVariables, {});
    assert.equal(world.agent.taskVariable('JobPat.Record'), '[]');
  });

  it('is revoked again everywhere when the third is not accepted by its organization', async () => {
    const world = mainStage(three);
    for (let asked = 0; asked < 20; asked++) {
      world.service.nextIn('tailspin', 'verify', errorMessage(401, 'TF400813: The user is not authorized.'));
    }
    await failureOf(() => issuePat(world), 'pat-not-accepted');
    assert.equal(world.service.made.length, 3);
    assert.equal(world.service.alive.size, 0);
    assert.deepEqual(world.agent.secretVariables, {});
  });

  it('that cannot be revoked again is named, the others are revoked, and the post-job step tries once more', async () => {
    const world = mainStage(three);
    world.service.nextIn('tailspin', 'create', patTokenError('accessDenied'));
    world.service.nextIn('contoso', 'revoke', patTokenError('accessDenied'));
    await failureOf(() => issuePat(world), 'pat-refused');
    assert.deepEqual(
      [...world.service.alive.values()].map(pat => pat.organization),
      ['contoso'],
    );
    assert.match(world.agent.lines('warning').join('\n'), /contoso until 2026-03-01 11:00 UTC/);
    assert.equal(await afterJob(world.laterStage()), undefined);
    assert.equal(world.service.alive.size, 0);
  });

  it('is revoked after the job in each organization, also when one of them is down', async () => {
    const world = mainStage(three);
    await issuePat(world);
    for (let asked = 0; asked < 50; asked++) world.service.nextIn('fabrikam-eu', 'revoke', unavailable());
    const outcome = await afterJob(world.laterStage());
    assert.equal(outcome?.result, 'SucceededWithIssues');
    assert.match(outcome.message, /fabrikam-eu/);
    assert.deepEqual(
      [...world.service.alive.values()].map(pat => pat.organization),
      ['fabrikam-eu'],
    );
  });
});
