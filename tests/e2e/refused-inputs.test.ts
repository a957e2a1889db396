import assert from 'node:assert/strict';
import { issuerConnectionName } from '#local-agent/emulated-run';
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

/** Values that an input cannot take; what the message says of them beside the input and an example. */
const badValues: Readonly<Record<string, readonly (readonly [value: string, ...says: RegExp[]])[]>> = {
  scopes: [
    [''],
    ['vso.cod', /vso\.code/],
    ['vso.code_wirte', /vso\.code_write/],
    ['Code (Raed)', /Code \(Read\)|vso\.code/],
    ['vso.code, everything', /everything/],
    ['vso.pats_manage', /Entra/],
  ],
  validFor: [
    [''],
    ['0'],
    ['0m', /5 minutes/],
    ['4m', /5 minutes/],
    ['-1h'],
    ['9999d', /year/],
    ['1 fortnight'],
    ['1e3h'],
    ['PT'],
    ['$(unset)'],
  ],
  variableName: [
    ['PATH'],
    ['Path'],
    ['NODE_OPTIONS'],
    ['node.options'],
    ['LD_PRELOAD'],
    ['system.debug'],
    ['Agent.TempDirectory'],
    ['build.x'],
    ['endpoint_x'],
    ['securefile1'],
    ['9LIVES'],
    ['A-B'],
    ['A;issecret=false'],
    ['A]##vso[task.complete result=Succeeded]'],
    [''],
  ],
  basicVariableName: [['HTTPS_PROXY'], ['Release.X'], ['1'], ['a b']],
  organization: [
    ['evil.example/x'],
    ['https://evil.example/x'],
    ['https://dev.azure.com.evil.example/contoso'],
    ['https://dev.azure.com@evil.example/contoso'],
    ['http://dev.azure.com/contoso'],
    ['https://dev.azure.com/'],
    ['https://dev.azure.com/contoso/_apis'],
    ['https://dev.azure.com/contoso/../fabrikam'],
    ['con toso'],
    ['-contoso'],
  ],
  displayName: [
    ['##vso[task.setvariable variable=PATH]x'],
    ['two\nlines'],
    ['carriage\rreturn'],
    ['rocket 🚀'],
    ['x'.repeat(300), /300.*128/],
    ['a job-pat:build/of-my-own', /job-pat:/],
  ],
  verify: [['maybe'], ['1']],
  allowUnknownScopes: [['ja']],
  revoke: [['tomorrow', /afterJob, never/]],
  onRevokeFailure: [['cry', /warn, fail/]],
};

/** The first bad value of every input in one step, then the second ones, and so on. */
const rounds: readonly Case[] = Array.from(
  { length: Math.max(...Object.values(badValues).map(({ length }) => length)) },
  (_, round) => {
    const bad = Object.entries(badValues).flatMap(([name, values]) => {
      const [value, ...says] = values[round] ?? [];
      return value === undefined ? [] : [{ name, value, says }];
    });
    return {
      title: bad.map(({ name, value }) => `${name} ${JSON.stringify(value).slice(0, 40)}`).join(', '),
      inputs: Object.fromEntries(bad.map(({ name, value }) => [name, value])),
      says: bad.flatMap(({ name, says }) => [
        new RegExp(`Input ${name}: .*(?:Example|Nearest): `),
        ...says.map(part => new RegExp(`Input ${name}: .*${part.source}`)),
      ]),
    };
  },
);

const connection = (fields: Readonly<Record<string, string>>): Case => ({
  title: Object.entries(fields)
    .map(([name, value]) => `${name} ${JSON.stringify(value)} of the service connection`)
    .join(', '),
  wish: { connection: fields },
  says: Object.keys(fields).map(name => new RegExp(`Service connection, ${name}: .*Example: `)),
  topic: 'connection-not-usable',
});

const cases: readonly Case[] = [
  ...rounds,
  connection({
    url: 'https://evil.example/contoso',
    tenantId: '',
    clientId: '',
    authorityUrl: 'https://login.evil.example',
  }),
  connection({
    url: 'http://dev.azure.com/contoso',
    tenantId: 'common',
    clientId: 'a b',
    authorityUrl: 'http://login.microsoftonline.com',
  }),
  connection({
    url: 'https://dev.azure.com.evil.example/contoso',
    tenantId: '../../evil',
    authorityUrl: 'https://login.microsoftonline.com/elsewhere',
  }),
  connection({ url: 'https://dev.azure.com/contoso?x=https://dev.azure.com' }),
  connection({ maxLifetime: 'for ever', allowedOrganizations: 'evil.example/x' }),
  {
    title: 'a service connection without a refresh token',
    wish: { credentials: { apitoken: '' } },
    says: [/apitoken/, /[Ss]ign the issuing user in/],
    topic: 'connection-not-usable',
  },
  {
    title: 'two values for the same variable',
    inputs: { basicVariableName: 'job.pat' },
    says: [/Input basicVariableName: .*JOB_PAT.*job\.pat/],
  },
  {
    title: 'everything at once, in one message',
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
    says: [/^9 things/],
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
