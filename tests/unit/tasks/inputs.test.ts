import assert from 'node:assert/strict';
import { readIssueRequest } from '../../../tasks/IssuePat/IssuePatV1/request.js';
import { issuePat } from './issue-pat.js';
import { defaultInputs, MemoryAgent } from './memory-agent.js';
import { agentState, failureOf, mainStage, World, withoutNetwork, type Step } from './world.js';

const reading = (step: Step) => () => readIssueRequest(new MemoryAgent(agentState(step)));

describe('The inputs of IssuePat', () => {
  withoutNetwork();

  it('with nothing but the defaults of task.json, a connection and scopes are accepted', () => {
    const request = reading({})();
    assert.deepEqual(
      [request.validFor, request.variableName, request.basicVariableName, request.verify, request.revoke],
      [3_600_000, 'JOB_PAT', '', true, 'afterJob'],
    );
    assert.equal(request.label, 'Nightly mirror 20260301.1');
    assert.deepEqual(
      request.organizations.map(({ name }) => name),
      ['contoso'],
    );
  });

  it('that are bad are all reported at once, each with an example, and nothing is requested', async () => {
    const world = mainStage({
      inputs: {
        purpose: 'gitClon',
        configure: 'gti',
        scopes: 'vso.code, vso.nope',
        validFor: '1 fortnight',
        variableName: 'PATH',
        basicVariableName: '1x',
        organization: 'evil.example/x',
        displayName: 'a ##vso[task.complete]\n☕',
        verify: 'maybe',
        revoke: 'sometimes',
        onRevokeFailure: 'shrug',
        allowUnknownScopes: 'yes',
      },
    });
    const { message } = await failureOf(() => issuePat(world), 'input-not-valid');
    assert.match(message, /^12 things have to be put right/);
    for (const input of Object.keys({ ...defaultInputs(), patIssuer: '', entraToken: '' })) {
      if (input === 'patIssuer' || input === 'entraToken') continue;
      const line = message.split('\n').find(line => line.startsWith(`- Input ${input}:`));
      assert.match(line ?? '', /Example: |Nearest: /, input);
    }
    assert.match(message, /Nothing was requested\.$/);
    assert.deepEqual(world.service.operations, []);
    assert.equal(world.agent.taskVariables.size, 0);
  });

  it('that are bad are reported together with a bad connection', async () => {
    const { message } = await failureOf(
      reading({
        inputs: { validFor: '' },
        fields: { tenantId: 'common', clientId: 'my app', authorityUrl: 'https://evil.example' },
        secrets: { apitoken: '' },
        url: 'https://evil.example/contoso',
      }),
    );
    for (const word of ['validFor', 'url', 'tenantId', 'clientId', 'authorityUrl', 'apitoken']) {
      assert.match(message, new RegExp(`${word}: `));
    }
  });

  for (const [field, value] of [
    ['clientId', 'abc'],
    ['clientId', '66666666-7777-4888-8999-00000000000'],
    ['tenantId', 'contoso'],
    ['tenantId', 'organizations'],
  ] as const) {
    it(`are reported when ${field} is "${value}", which is no id`, async () => {
      const { message } = await failureOf(reading({ fields: { [field]: value } }), 'connection-not-usable');
      assert.match(message, new RegExp(`${field}: "${value}" is not the id`));
    });
  }

  for (const validFor of ['0', '0m', '-1h', '4m', '9999d', '366d', '1 fortnight', '', 'h', '$(x)']) {
    it(`validFor "${validFor}" is refused before any request`, async () => {
      const world = mainStage({ inputs: { validFor } });
      const { message } = await failureOf(() => issuePat(world));
      assert.match(message, /Input validFor: .*Example: /);
      assert.deepEqual(world.service.operations, []);
    });
  }

  it('validFor of five minutes is the shortest', () => {
    assert.equal(reading({ inputs: { validFor: '5m' } })().validFor, 300_000);
  });

  for (const displayName of [
    '##vso[task.complete]',
    'two\nlines',
    'coffee ☕',
    'x'.repeat(300),
    'x job-pat:build/1',
  ]) {
    it(`displayName ${JSON.stringify(displayName.slice(0, 20))} is refused`, async () => {
      const { message } = await failureOf(reading({ inputs: { displayName } }), 'input-not-valid');
      assert.match(message, /Input displayName: /);
    });
  }

  it('scopes are required', async () => {
    for (const scopes of ['', ' , ; ']) {
      const { message } = await failureOf(reading({ inputs: { scopes } }), 'input-not-valid');
      assert.match(message, /scopes: is required/);
    }
  });

  it('flags and choices do not mind their case', () => {
    const request = reading({
      inputs: { verify: 'FALSE', revoke: 'AfterJob', onRevokeFailure: 'Fail', allowUnknownScopes: 'True' },
    })();
    assert.deepEqual([request.verify, request.revoke], [false, 'afterJob']);
  });
});

describe('The issuer', () => {
  withoutNetwork();

  it('is exactly one of patIssuer and entraToken', async () => {
    const both = await failureOf(reading({ inputs: { entraToken: 'eyJ.x.y' } }), 'input-not-valid');
    assert.match(both.message, /either patIssuer or entraToken, not both/);
    const none = await failureOf(reading({ inputs: { patIssuer: '' } }), 'input-not-valid');
    assert.match(none.message, /Input patIssuer: .*or entraToken/);
  });

  it('that the agent does not hand over may be withheld from the build of a fork', async () => {
    const { service, agent } = mainStage();
    const world = new World(new MemoryAgent({ ...agentState(), connections: {} }), service);
    const { message } = await failureOf(() => issuePat(world), 'connection-not-usable');
    assert.match(message, /patIssuer: .*fork/);
    assert.deepEqual(service.operations, []);
    assert.deepEqual(agent.events, []);
  });

  for (const tenantId of ['', 'common', 'organizations', 'Consumers', '../evil', 'a/b', 'x?y', 'two words']) {
    it(`has no tenant "${tenantId}"`, async () => {
      assert.match(
        (await failureOf(reading({ fields: { tenantId } }), 'connection-not-usable')).message,
        /tenantId/,
      );
    });
  }

  it('may name its tenant by a domain', () => {
    assert.doesNotThrow(reading({ fields: { tenantId: 'contoso.onmicrosoft.com' } }));
  });

  for (const authorityUrl of [
    'http://login.microsoftonline.com',
    'https://login.microsoftonline.com.evil.example',
    'https://login.microsoftonline.com@evil.example',
    'https://evil.example',
    'https://login.microsoftonline.com/tenant',
    'https://login.microsoftonline.com?x',
    'https://dev.azure.com',
    'login.microsoftonline.com',
    'http://127.0.0.2:1',
  ]) {
    it(`has no authority ${authorityUrl}`, async () => {
      const { message } = await failureOf(reading({ fields: { authorityUrl } }), 'connection-not-usable');
      assert.match(message, /authorityUrl: .*Example: https:\/\/login\.microsoftonline\.com/);
    });
  }

  for (const authorityUrl of ['', 'https://login.microsoftonline.com', 'https://login.microsoftonline.us']) {
    it(`are refused where the organization is on this machine and the authority is "${authorityUrl}"`, async () => {
      const world = mainStage({ url: 'http://127.0.0.1:8080/contoso', fields: { authorityUrl } });
      const { message } = await failureOf(() => issuePat(world), 'connection-not-usable');
      assert.match(
        message,
        /^Service connection, authorityUrl: https:\/\/login\.\S+ signs real users in, and /,
      );
      assert.match(
        message,
        /is on this machine: .* Example: http:\/\/127\.0\.0\.1:8080\. Nothing was requested\.$/,
      );
      assert.deepEqual(world.service.operations, []);
    });
  }

  it('may have the authority of a sovereign cloud, or loopback', () => {
    for (const authorityUrl of [
      'https://login.microsoftonline.us',
      'https://login.partner.microsoftonline.cn/',
      'http://127.0.0.1:8080',
    ]) {
      assert.doesNotThrow(reading({ fields: { authorityUrl } }));
    }
  });

  it('needs the URL of an organization', async () => {
    for (const url of ['', 'https://dev.azure.com', 'https://tfs.contoso.example/x']) {
      assert.match((await failureOf(reading({ url }), 'connection-not-usable')).message, /url: /);
    }
  });

  it('never shows what stands in its secret fields, not even to complain of it', async () => {
    const { message } = await failureOf(reading({ secrets: { apitoken: 'not a token, with blanks' } }));
    assert.match(message, /apitoken/);
    assert.doesNotMatch(message, /with blanks/);
  });
});

describe('An Entra token of the pipeline', () => {
  const own = (inputs: Record<string, string>, variables: Record<string, string> = {}): Step => ({
    inputs: { patIssuer: '', entraToken: 'eyJ.x.y', ...inputs },
    variables,
  });

  it('is used in the organization of the run', () => {
    assert.deepEqual(
      reading(own({}))().organizations.map(({ url }) => url),
      ['https://dev.azure.com/contoso'],
    );
  });

  it('is used where the input says', () => {
    assert.deepEqual(
      reading(own({ organization: 'fabrikam' }))().organizations.map(({ name }) => name),
      ['fabrikam'],
    );
  });

  it('needs an organization where the run has none in the cloud', async () => {
    const variables = { 'System.TeamFoundationCollectionUri': 'https://tfs.contoso.example/x' };
    assert.match((await failureOf(reading(own({}, variables)), 'input-not-valid')).message, /organization/);
    assert.equal(
      reading(own({ organization: 'fabrikam' }, variables))().organizations[0]?.url,
      'https://dev.azure.com/fabrikam',
    );
  });

  it('that is a variable nobody set is told apart', async () => {
    const { message } = await failureOf(reading(own({ entraToken: '$(entraToken)' })), 'input-not-valid');
    assert.match(message, /is a variable that is not set/);
  });

  it('is masked before anything is read from it, and never shown', async () => {
    const agent = new MemoryAgent(agentState(own({ entraToken: 'line\nbreak "secret"' })));
    const { message } = await failureOf(() => readIssueRequest(agent), 'input-not-valid');
    assert.doesNotMatch(message, /secret"/);
    assert.equal(agent.events[0]?.kind, 'mask');
  });
});
