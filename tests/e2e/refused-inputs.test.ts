import assert from 'node:assert/strict';
import { issuerConnectionName } from '../../emulator/agent/emulated-run.js';
import { failureOf } from './clean-failure.js';
import { type Inputs, issueStep, type JobWish, mainOf, runIssuingJob, withEmulator } from './issuing-job.js';
import { together } from './jobs-together.js';

interface Case {
  readonly title: string;
  readonly inputs?: Inputs;
  readonly wish?: JobWish;
  /** Each has to be in the message: the input or field, and what is wrong with it. */
  readonly says: readonly RegExp[];
  readonly topic?: string;
}

const input = (name: string, value: string, ...says: RegExp[]): Case => ({
  title: `${name}: ${JSON.stringify(value).slice(0, 60)}`,
  inputs: { [name]: value },
  says: [new RegExp(`Input ${name}:`), /Example: |Nearest: /, ...says],
});

const field = (name: string, value: string): Case => ({
  title: `${name} of the service connection: ${JSON.stringify(value)}`,
  wish: { connection: { [name]: value } },
  says: [new RegExp(`Service connection, ${name}:`), /Example: /],
  topic: 'connection-not-usable',
});

const cases: readonly Case[] = [
  input('scopes', ''),
  input('scopes', 'vso.cod', /vso\.code/),
  input('scopes', 'vso.code_wirte', /vso\.code_write/),
  input('scopes', 'Code (Raed)', /Code \(Read\)|vso\.code/),
  input('scopes', 'vso.code, everything'),
  input('scopes', 'vso.pats_manage', /Entra/),
  input('validFor', ''),
  input('validFor', '0', /validFor/),
  input('validFor', '0m', /5 minutes/),
  input('validFor', '4m', /5 minutes/),
  input('validFor', '-1h'),
  input('validFor', '9999d', /year/),
  input('validFor', '1 fortnight'),
  input('validFor', '1e3h'),
  input('validFor', 'PT'),
  input('validFor', '$(unset)'),
  input('variableName', 'PATH'),
  input('variableName', 'Path'),
  input('variableName', 'NODE_OPTIONS'),
  input('variableName', 'node.options'),
  input('variableName', 'LD_PRELOAD'),
  input('variableName', 'system.debug'),
  input('variableName', 'Agent.TempDirectory'),
  input('variableName', 'build.x'),
  input('variableName', 'endpoint_x'),
  input('variableName', 'securefile1'),
  input('variableName', '9LIVES'),
  input('variableName', 'A-B'),
  input('variableName', 'A;issecret=false'),
  input('variableName', 'A]##vso[task.complete result=Succeeded]'),
  input('variableName', ''),
  input('basicVariableName', 'HTTPS_PROXY'),
  input('basicVariableName', 'JOB_PAT'),
  input('basicVariableName', 'job.pat'),
  input('organization', 'evil.example/x'),
  input('organization', 'https://evil.example/x'),
  input('organization', 'https://dev.azure.com.evil.example/contoso'),
  input('organization', 'https://dev.azure.com@evil.example/contoso'),
  input('organization', 'http://dev.azure.com/contoso'),
  input('organization', 'https://dev.azure.com/'),
  input('organization', 'https://dev.azure.com/contoso/_apis'),
  input('organization', 'con toso'),
  input('organization', '-contoso'),
  input('displayName', '##vso[task.setvariable variable=PATH]x'),
  input('displayName', 'two\nlines'),
  input('displayName', 'carriage\rreturn'),
  input('displayName', 'rocket 🚀'),
  input('displayName', 'x'.repeat(300), /300.*128/),
  input('displayName', 'a job-pat:build/of-my-own', /job-pat:/),
  input('verify', 'maybe'),
  input('allowUnknownScopes', 'ja'),
  input('revoke', 'tomorrow', /afterJob, never/),
  input('onRevokeFailure', 'cry', /warn, fail/),
  field('url', 'https://evil.example/contoso'),
  field('url', 'http://dev.azure.com/contoso'),
  field('url', 'https://dev.azure.com.evil.example/contoso'),
  field('url', 'https://dev.azure.com/contoso?x=https://dev.azure.com'),
  field('tenantId', ''),
  field('tenantId', 'common'),
  field('tenantId', '../../evil'),
  field('clientId', ''),
  field('clientId', 'a b'),
  field('authorityUrl', 'https://login.evil.example'),
  field('authorityUrl', 'http://login.microsoftonline.com'),
  field('authorityUrl', 'https://login.microsoftonline.com/elsewhere'),
  field('maxLifetime', 'for ever'),
  field('allowedOrganizations', 'evil.example/x'),
  {
    title: 'a service connection without a refresh token',
    wish: { credentials: { apitoken: '' } },
    says: [/apitoken/, /[Ss]ign the issuing user in/],
    topic: 'connection-not-usable',
  },
  {
    title: 'everything at once',
    inputs: {
      scopes: 'vso.cod',
      validFor: '-1h',
      variableName: 'PATH',
      basicVariableName: '1',
      organization: 'evil.example/x',
      displayName: '🚀',
      verify: 'maybe',
      revoke: 'x',
      onRevokeFailure: 'y',
    },
    says: [
      /^9 things/,
      ...[
        'scopes',
        'validFor',
        'variableName',
        'basicVariableName',
        'organization',
        'displayName',
        'verify',
        'revoke',
        'onRevokeFailure',
      ].map(name => new RegExp(`Input ${name}:`)),
    ],
  },
];

describe('IssuePat refuses, before it asks for anything,', function () {
  this.timeout(60_000);
  const outcomeOf = together(cases, ({ inputs, wish }) =>
    withEmulator(async emulator => {
      const job = await runIssuingJob(emulator, { steps: [issueStep(inputs)], ...wish });
      return { job, requests: emulator.requests.length };
    }),
  );
  for (const item of cases) {
    it(item.title, async () => {
      const { job, requests } = await outcomeOf(item);
      assert.equal(requests, 0, 'Nothing may be requested.');
      const { topic, text } = failureOf(mainOf(job));
      assert.equal(topic, item.topic ?? 'input-not-valid', text);
      for (const part of item.says) assert.match(text, part);
      assert.match(text, /Nothing was requested\./);
      assert.equal(job.variables['JOB_PAT'], undefined);
      assert.equal(job.variables['PATH'], undefined);
    });
  }
});

describe('A ceiling of the service connection', function () {
  this.timeout(30_000);
  const beyond: readonly Case[] = [
    {
      title: 'for scopes holds against a higher one',
      inputs: { scopes: 'vso.code_manage' },
      wish: { connection: { allowedScopes: 'vso.code_write' } },
      says: [/vso\.code_manage/, /allowedScopes/, /vso\.code_write/],
    },
    {
      title: 'for scopes holds against one of another family, also an unknown one',
      inputs: { scopes: 'vso.work, vso.new_things', allowUnknownScopes: true },
      wish: { connection: { allowedScopes: 'vso.code_write' } },
      says: [/vso\.work/, /vso\.new_things/, /allowedScopes/],
    },
    {
      title: 'that is empty allows no full access',
      inputs: { scopes: 'app_token' },
      says: [/app_token/, /allowedScopes/],
    },
    {
      title: 'for the lifetime is 24 hours when nothing is set',
      inputs: { validFor: '25h' },
      wish: { connection: { maxLifetime: '' } },
      says: [/maxLifetime/, /1d\b|24h/],
    },
    {
      title: 'for the lifetime holds',
      inputs: { validFor: '61m' },
      wish: { connection: { maxLifetime: '1h' } },
      says: [/maxLifetime/, /1h/],
    },
    {
      title: 'for organizations is its own one when nothing is set',
      inputs: { organization: 'fabrikam' },
      wish: { connection: { allowedOrganizations: '' } },
      says: [/fabrikam/, /allowedOrganizations/],
    },
    {
      title: 'for organizations holds for each of several',
      inputs: { organization: 'contoso\nfabrikam' },
      wish: { connection: { allowedOrganizations: 'contoso' } },
      says: [/fabrikam/, /allowedOrganizations/],
    },
    {
      title: 'names everything that is beyond it',
      inputs: { scopes: 'vso.build', validFor: '3h', organization: 'fabrikam' },
      wish: {
        connection: { allowedScopes: 'vso.code', maxLifetime: '1h', allowedOrganizations: 'contoso' },
      },
      says: [/^3 things/, /allowedScopes/, /maxLifetime/, /allowedOrganizations/],
    },
  ];
  const refusalOf = together(beyond, ({ inputs, wish }) =>
    withEmulator(async emulator => {
      const job = await runIssuingJob(emulator, { steps: [issueStep(inputs)], ...wish });
      return { failure: failureOf(mainOf(job)), requests: emulator.requests.length };
    }),
  );
  for (const item of beyond) {
    it(item.title, async () => {
      const { failure, requests } = await refusalOf(item);
      assert.equal(requests, 0);
      assert.equal(failure.topic, 'ceiling-exceeded');
      for (const part of item.says) assert.match(failure.text, part);
    });
  }

  it('allows what it includes', () =>
    withEmulator(async emulator => {
      const job = await runIssuingJob(emulator, {
        steps: [issueStep({ scopes: 'vso.code', validFor: '60m', organization: 'CONTOSO' })],
        connection: { allowedScopes: 'vso.code_write', maxLifetime: '1h', allowedOrganizations: 'contoso' },
      });
      assert.equal(job.result, 'Succeeded', job.log);
    }));
});

describe('A service connection that the agent does not hand over', () => {
  it('is told from one that is not named', () =>
    withEmulator(async emulator => {
      // The agent releases a connection to inputs of type connectedService only.
      const job = await runIssuingJob(emulator, {
        steps: [issueStep()],
        serviceConnections: {
          [issuerConnectionName]: { url: '', scheme: 'Token', parameters: {}, data: {} },
        },
      });
      const { topic, text } = failureOf(mainOf(job));
      assert.equal(topic, 'connection-not-usable');
      assert.match(text, /fork/);
      assert.deepEqual(emulator.requests, []);
    }));
});
