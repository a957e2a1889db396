import assert from 'node:assert/strict';
import type { JobResult } from '#local-agent/index';
import { type Emulator, type Fault, fault, type OperationFilter } from '#emulator/index';
import { issueStep, type JobWish, runIssuingJob, withEmulator } from './issuing-job.js';
import { together } from './jobs-together.js';
import { parseLoggingCommand } from '#local-agent/logging-command';

/** What a hostile service, or somebody who names things, would like a log to hold. */
const hostile = [
  'before ##vso[task.setvariable variable=PATH]stolen',
  '##vso[task.setvariable variable=INJECTED]stolen',
  '\r\n##vso[task.setvariable variable=INJECTED]stolen',
  '\r##VSO[task.complete result=Succeeded]stolen',
  '%0A##vso[task.prependpath]/stolen',
  '##[error]stolen \u001b[31mred\u001b[0m \u001b]0;title\u0007',
  'ab\u202Egnp.exe \u2066hidden\u2069 \u2028##vso[build.addbuildtag]stolen',
  '#\u0001#vso[task.setvariable variable=INJECTED]stolen \u0008\u0008',
  '##\u200Bvso[task.setvariable variable=INJECTED]stolen',
].join(' ');

interface Case {
  readonly title: string;
  readonly prepare?: (emulator: Emulator) => void;
  readonly wish?: JobWish;
  /** Whether the text is worth telling, tamed. */
  readonly told?: boolean;
}

const error = { status: 403, typeKey: 'AccessCheckException', message: hostile };

const untold = fault.error({ status: 400, typeKey: hostile, message: 'no' });

const faults: readonly (readonly [string, OperationFilter, Fault])[] = [
  ['an error text of Entra', 'entra.token', fault.aadsts(700082, { text: hostile })],
  ['an error name of Entra', 'entra.token', fault.aadsts(700082, { error: hostile })],
  ['an error text of the PAT API', 'pats.create', fault.error(error)],
  ['an error text behind a byte order mark', 'pats.create', fault.errorWithByteOrderMark(error)],
  ['the header X-TFS-ServiceError', 'pats.create', fault.errorInHeader({ status: 403, message: hostile })],
  [
    'the header X-TFS-ServiceError of a slowed down service',
    'pats.create',
    fault.answer({
      status: 429,
      headers: { 'Retry-After': '3600', 'X-TFS-ServiceError': encodeURIComponent(hostile) },
      body: Buffer.alloc(0),
    }),
  ],
  ['a reason of the PAT API', 'pats.create', fault.patTokenError(hostile)],
  ['a text to a reason of the PAT API', 'pats.create', fault.patTokenError('accessDenied', hostile)],
  ['a scope that was granted', 'pats.create', scopeOf(hostile)],
  ['the type of an error', 'pats.create', untold],
  ['an error text of connectionData', 'connectionData', fault.error(error)],
  ['an error text of the revoke', 'pats.revoke', fault.error(error)],
  ['a reason not to revoke', 'pats.revoke', fault.patTokenError(hostile)],
];

const everyOf = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map(name => [name, hostile]));

const inputs = [
  'validFor',
  'variableName',
  'organization',
  'displayName',
  'verify',
  'revoke',
  'onRevokeFailure',
];
const fields = [
  ['url', 'tenantId', 'clientId', 'authorityUrl'],
  ['maxLifetime', 'allowedOrganizations'],
  ['allowedScopes'],
];

const cases: readonly Case[] = [
  ...faults.map(([title, operation, one]) => ({
    title,
    told: one !== untold,
    prepare: (emulator: Emulator) => {
      emulator.faults.add(operation, one, { times: 3 });
    },
  })),
  {
    title: 'the names of definition, run and branch',
    wish: { variables: everyOf(['Build.DefinitionName', 'Build.BuildNumber', 'Build.SourceBranch']) },
  },
  { title: 'the input scopes', told: true, wish: { steps: [issueStep({ scopes: hostile })] } },
  { title: 'every other input', told: true, wish: { steps: [issueStep(everyOf(inputs))] } },
  ...fields.map(names => ({
    title: `${names.join(', ')} of the service connection`,
    told: true,
    wish: { connection: everyOf(names) },
  })),
  {
    title: 'the name of a PAT among those that were looked through',
    prepare: emulator => {
      emulator.pats.seed([{ displayName: hostile }]);
      emulator.faults.add('pats.create', fault.resetAfter());
    },
  },
];

describe('Text from outside never becomes a command:', function () {
  this.timeout(60_000);
  let undisturbed: Promise<JobResult>;
  before(() => {
    undisturbed = withEmulator(emulator => runIssuingJob(emulator));
  });
  const outcomeOf = together(cases, ({ prepare, wish }) =>
    withEmulator(async emulator => {
      prepare?.(emulator);
      return runIssuingJob(emulator, { debug: true, ...wish });
    }),
  );
  for (const item of cases) {
    it(item.title, async () => {
      const job = await outcomeOf(item);
      assertNoCommandTookEffect(job, await undisturbed);
      assertPrintedTame(job);
      if (item.told === true) assert.match(job.log, /stolen/, 'The text itself is told.');
    });
  }
});

/** The PAT is made as asked, and the answer names a scope of its own. */
function scopeOf(text: string): Fault {
  return fault.changed('hostile scope', reply => ({
    ...reply,
    body: Buffer.from(
      reply.body.toString().replace(/"scope":"[^"]*"/, () => `"scope":${JSON.stringify(text)}`),
    ),
  }));
}

/** Compares with an undisturbed job what a command could have changed. */
function assertNoCommandTookEffect(job: JobResult, before: JobResult): void {
  const own = new Set(Object.keys(before.variables));
  const strange = Object.keys(job.variables).filter(name => !own.has(name) && !/^system\.debug$/i.test(name));
  assert.deepEqual(strange, [], 'No variable may appear.');
  assert.equal(job.variables['PATH'], undefined);
  assert.deepEqual(job.buildTags, []);
  assert.deepEqual(job.uploads, []);
  for (const step of job.steps) {
    assert.ok(step.result !== 'Succeeded' || !step.issues.some(({ type }) => type === 'error'));
    assert.ok(
      !step.log.some(line => line.startsWith('##[error]Unable to process command')),
      step.log.join('\n'),
    );
  }
}

const known = new Set([
  'setsecret',
  'setvariable',
  'settaskvariable',
  'complete',
  'debug',
  'issue',
  'logissue',
  'logdetail',
]);

/** Nothing raw: neither a command nor what steers a terminal or turns the direction of reading. */
function assertPrintedTame(job: JobResult): void {
  for (const step of job.steps) {
    for (const line of step.rawOutput.split(/\r\n|\r|\n/)) {
      const command = parseLoggingCommand(line);
      if (command === undefined) {
        assert.doesNotMatch(line, /##(?:vso)?\[/i);
      } else {
        assert.ok(line.startsWith('##vso['), `A command in the middle of a line: ${line}`);
        assert.ok(command.area === 'task' && known.has(command.event), line);
        if (command.event === 'logdetail')
          assert.match(command.properties.get('type') ?? '', /^JobPat\.[a-zA-Z]+$/, 'Its own records alone.');
        if (command.event === 'setvariable')
          assert.doesNotMatch(command.properties.get('variable') ?? '', /PATH|INJ/);
      }
    }
    const shown = step.log.filter(line => !line.startsWith('##[debug]')).join('\n');
    assert.doesNotMatch(shown, /[^\P{Cc}\n]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/u, shown);
  }
}
