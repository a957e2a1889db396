import assert from 'node:assert/strict';
import { readIssueRequest } from '../../../tasks/IssuePat/IssuePatV1/request.js';
import { MemoryAgent } from './memory-agent.js';
import { agentState, failureOf, type Step } from './world.js';

const reading = (step: Step) => () => readIssueRequest(new MemoryAgent(agentState(step)));
const beyond = (step: Step) => failureOf(reading(step), 'ceiling-exceeded');
const within = (step: Step) => {
  assert.doesNotThrow(reading(step));
};
const unreadable = (step: Step) => failureOf(reading(step), 'connection-not-usable');

describe('The ceiling allowedScopes', () => {
  it('allows every scope but full access where it is empty', async () => {
    within({ inputs: { scopes: 'vso.code_full vso.security_manage vso.tokens' } });
    assert.match(
      (await beyond({ inputs: { scopes: 'app_token' } })).message,
      /scopes: app_token is beyond allowedScopes/,
    );
    await beyond({ inputs: { scopes: 'Full access' } });
  });

  it('allows what it names, and what that includes', () => {
    for (const scopes of ['vso.code_write', 'vso.code', 'vso.hooks', 'vso.profile', 'Code (Read)']) {
      within({ inputs: { scopes }, fields: { allowedScopes: 'vso.code_write' } });
    }
  });

  it('allows nothing above what it names', async () => {
    for (const scopes of [
      'vso.code_manage',
      'vso.code_full',
      'vso.packaging',
      'vso.code_status',
      'app_token',
    ]) {
      const { message } = await beyond({ inputs: { scopes }, fields: { allowedScopes: 'vso.code_write' } });
      assert.match(message, /allows vso\.code_write/);
    }
  });

  it('names each scope that is beyond it', async () => {
    const { message } = await beyond({
      inputs: { scopes: 'vso.code vso.packaging vso.work' },
      fields: { allowedScopes: 'vso.code' },
    });
    assert.match(message, /vso\.packaging is beyond/);
    assert.match(message, /vso\.work is beyond/);
    assert.doesNotMatch(message, /vso\.code is beyond/);
  });

  it('is told together with an entry that is no scope', async () => {
    const { message } = await failureOf(
      reading({
        inputs: { scopes: 'vso.code_manage vso.bogus' },
        fields: { allowedScopes: 'vso.code' },
      }),
    );
    assert.match(message, /"vso\.bogus" is not a scope/);
    assert.match(message, /vso\.code_manage is beyond allowedScopes/);
  });

  it('holds for scopes that nobody knows', async () => {
    const inputs = { scopes: 'vso.brand_new', allowUnknownScopes: 'true' };
    await beyond({ inputs, fields: { allowedScopes: 'vso.code' } });
    within({ inputs, fields: { allowedScopes: 'vso.code vso.brand_new' } });
    within({ inputs });
  });

  it('allows full access only by its name', () => {
    within({ inputs: { scopes: 'app_token' }, fields: { allowedScopes: 'app_token' } });
    within({
      inputs: { scopes: 'vso.anything', allowUnknownScopes: 'true' },
      fields: { allowedScopes: 'APP_TOKEN' },
    });
  });

  it('is not escaped by capitals', async () => {
    const inputs = { scopes: 'VSO.Code_Full', allowUnknownScopes: 'true' };
    await beyond({ inputs, fields: { allowedScopes: 'VSO.CODE' } });
    await beyond({ inputs: { ...inputs, scopes: 'APP_TOKEN' } });
  });

  for (const allowedScopes of ['vso.cod', 'Code (Read)', '$(scopes)', '*', ',', ';', ' , ']) {
    it(`that is ${JSON.stringify(allowedScopes)} allows nothing, and never everything`, async () => {
      const failure = await failureOf(reading({ fields: { allowedScopes } }));
      assert.match(failure.topic, /^(ceiling-exceeded|connection-not-usable)$/);
      assert.match(failure.message, /allowedScopes/);
    });
  }
});

describe('The ceiling maxLifetime', () => {
  it('is a day where it is empty', async () => {
    within({ inputs: { validFor: '24h' } });
    assert.match(
      (await beyond({ inputs: { validFor: '24h1m' } })).message,
      /1d 1m is longer than maxLifetime.*1d/,
    );
  });

  it('allows what it says, and nothing longer', async () => {
    within({ inputs: { validFor: '90m' }, fields: { maxLifetime: 'PT1H30M' } });
    await beyond({ inputs: { validFor: '91m' }, fields: { maxLifetime: '90m' } });
  });

  it('is below a year, whatever it says', async () => {
    within({ inputs: { validFor: '365d' }, fields: { maxLifetime: '9999d' } });
    await failureOf(
      reading({ inputs: { validFor: '366d' }, fields: { maxLifetime: '9999d' } }),
      'input-not-valid',
    );
  });

  for (const maxLifetime of ['forever', '0h', '24', '-1h', '1 week', '$(max)']) {
    it(`that is "${maxLifetime}" fails, and never means none`, async () => {
      assert.match((await unreadable({ fields: { maxLifetime } })).message, /maxLifetime: ".*Example: 24h/);
    });
  }
});

describe('The ceiling allowedOrganizations', () => {
  const asking = (
    organization: string,
    allowedOrganizations = '',
    url = 'https://dev.azure.com/contoso',
  ): Step => ({
    inputs: { organization },
    fields: { allowedOrganizations, authorityUrl: url.startsWith('http:') ? new URL(url).origin : '' },
    url,
  });

  it('is the one of the connection where it is empty', async () => {
    within(asking('contoso'));
    within(asking(''));
    within(asking('https://CONTOSO.visualstudio.com'));
    assert.match(
      (await beyond(asking('fabrikam'))).message,
      /fabrikam is not among allowedOrganizations.*allows contoso/,
    );
  });

  it('allows exactly what it names, by name or URL', async () => {
    within(asking('fabrikam', 'contoso fabrikam'));
    within(asking('fabrikam', 'https://dev.azure.com/Fabrikam'));
    await beyond(asking('contoso', 'fabrikam'));
    await beyond(asking('', 'fabrikam'));
    await beyond(asking('fabrikam, tailspin', 'contoso fabrikam'));
  });

  it('keeps the same name on loopback and in the cloud apart', async () => {
    await beyond(asking('http://127.0.0.1:8080/contoso', 'contoso'));
    await beyond(asking('https://dev.azure.com/contoso', '', 'http://127.0.0.1:8080/contoso'));
    await beyond(asking('http://127.0.0.1:8081/contoso', '', 'http://127.0.0.1:8080/contoso'));
    await beyond(asking('http://localhost:8080/contoso', '', 'http://127.0.0.1:8080/contoso'));
    within(asking('contoso', 'contoso', 'http://127.0.0.1:8080/contoso'));
  });

  for (const allowedOrganizations of ['https://evil.example/x', 'contoso con_toso', '*', ',', '$(orgs)']) {
    it(`that is "${allowedOrganizations}" fails, and never means all`, async () => {
      const failure = await failureOf(reading(asking('fabrikam', allowedOrganizations)));
      assert.match(failure.topic, /^(ceiling-exceeded|connection-not-usable)$/);
    });
  }
});

describe('Ceilings', () => {
  it('are reported all at once, together with other faults, and nothing is requested', async () => {
    const { message } = await failureOf(
      reading({
        inputs: { scopes: 'app_token', validFor: '30d', organization: 'fabrikam', variableName: 'PATH' },
      }),
    );
    for (const word of [
      /4 things/,
      /app_token/,
      /maxLifetime/,
      /allowedOrganizations/,
      /"PATH"/,
      /Nothing was requested/,
    ]) {
      assert.match(message, word);
    }
  });

  it('do not bind an Entra token that the pipeline brings: it has no service connection', () => {
    within({
      inputs: {
        patIssuer: '',
        entraToken: 'eyJ.x.y',
        scopes: 'app_token',
        validFor: '30d',
        organization: 'fabrikam',
      },
    });
  });
});
