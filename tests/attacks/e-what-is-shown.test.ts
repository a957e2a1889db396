import assert from 'node:assert/strict';
import { issuerConnectionName } from '#local-agent/emulated-run';
import type { JobResult } from '#local-agent/index';
import { parseLoggingCommand } from '#local-agent/logging-command';
import { type Emulator, fault } from '#emulator/index';
import {
  emulatorForEachTest,
  issueStep,
  issuesOf,
  logOf,
  mainOf,
  runIssuingJob,
} from '../e2e/issuing-job.js';
import { jobId, nameOf, projectId, revoke, seed } from '../e2e/revoking-job.js';

/** The letters of base64 that stand for nothing but the secret, wherever in a text it begins. */
function lettersOf(secret: Buffer): string[] {
  return [0, 1, 2].map(before => {
    const whole = Buffer.concat([Buffer.alloc(before), secret]).toString('base64');
    const first = Math.ceil((before * 8) / 6);
    return whole.slice(first, first + Math.floor((secret.length * 8 - 6) / 6));
  });
}

/** The longest piece of a form that a log shows in one line. */
function longestShown(log: string, forms: readonly string[]): number {
  let longest = 0;
  for (const form of forms)
    for (let start = 0; start < form.length; start++)
      while (start + longest < form.length && log.includes(form.slice(start, start + longest + 1))) longest++;
  return longest;
}

describe('What is shown: a later script that prints the PAT', function () {
  this.timeout(120_000);
  const emulator = emulatorForEachTest();

  async function printed(script: string): Promise<{ log: string; pat: string }> {
    const env = { JOB_PAT: '$(JOB_PAT)' };
    const job = await runIssuingJob(emulator(), {
      steps: [issueStep(), { bash: script, name: 'print', env }],
    });
    const pat = emulator().pats.list()[0]?.value ?? assert.fail();
    assert.match(job.log, /\*\*\*/);
    return { log: job.log, pat };
  }

  it('sees nothing of it as it is, in a URL, in JSON, nor in a header', async () => {
    const { log, pat } = await printed(
      [
        'echo "$JOB_PAT" "https://x:$JOB_PAT@dev.azure.com/contoso"',
        `printf '{"pat":"%s"}\\n' "$JOB_PAT"`,
        'echo "Authorization: Basic $(printf ":%s" "$JOB_PAT" | base64 -w0)"',
        'echo "Authorization: Bearer $JOB_PAT" >&2',
      ].join('\n'),
    );
    assert.ok(longestShown(log, [pat, ...lettersOf(Buffer.from(pat))]) < 16);
  });

  it('sees less of base64 than 16 letters in a row, whoever is in front of it and wherever lines end', async () => {
    const users = ['', ':', 'a:', 'ab:', 'user:', 'pipeline:', 'somebody@contoso.com:'];
    const { log, pat } = await printed(
      users
        .flatMap(user =>
          ['base64 -w0', 'base64 -w64', 'base64 -w76', 'openssl base64'].map(how => [user, how]),
        )
        .map(([user, how]) => `printf '%s%s' '${user ?? ''}' "$JOB_PAT" | ${how ?? ''}; echo`)
        .join('\n'),
    );
    assert.ok(longestShown(log, lettersOf(Buffer.from(pat))) < 16);
  });

  it('sees less of base64 of UTF-16 than 32 letters in a row', async () => {
    const { log, pat } = await printed(
      ['', 'x:', 'git clone ', 'Write-Host ']
        .map(text => `printf '%s%s' '${text}' "$JOB_PAT"`)
        .flatMap(print =>
          ['base64 -w0', 'base64 -w64', 'base64'].map(how => `${print} | iconv -t UTF-16LE | ${how}; echo`),
        )
        .join('\n'),
    );
    const shown = longestShown(log, lettersOf(Buffer.from(pat, 'utf16le')));
    assert.ok(shown < 32, `${String(shown)} letters`);
  });
});

describe('What is shown: texts from outside that are commands', function () {
  this.timeout(120_000);
  const emulator = emulatorForEachTest();
  const parts = [
    '',
    '\u200b',
    '\u00ad',
    '\u034f',
    '\ufe0f',
    '\u115f',
    '\u3164',
    '\u2060',
    '\u061c',
    '\u180e',
    '\u{e0020}',
    '\u{1d173}',
    '\u0301',
    '\u0000',
    '\u0008',
    '\u009b',
  ];
  const hostile = parts
    .map(part => ['#', '#', 'v', 's', 'o', '['].join(part) + 'task.setvariable variable=INJECTED]stolen')
    .join(' ');

  /** Fails when the agent, or one that passes over characters that nobody sees, finds a command in what was written. */
  function assertNoCommand(job: JobResult, mine: readonly string[]): void {
    assert.equal(job.variables['INJECTED'], undefined);
    for (const step of job.steps.filter(({ name }) => mine.includes(name)))
      for (const line of step.rawOutput.split(/\r\n|\r|\n/)) {
        const seen = line.replace(/[\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}]/gu, '');
        const known = parseLoggingCommand(line);
        const without = known === undefined ? seen : seen.replace(/^##vso\[[^\]]*\]/, '');
        assert.doesNotMatch(without, /##vso\[|##\[(?!section|command)/, line);
      }
  }

  it('run none, wherever a service says them', async () => {
    const error = { status: 403, typeKey: 'AccessCheckException', message: hostile };
    for (const [operation, one] of [
      ['entra.token', fault.aadsts(700082, { text: hostile })],
      ['pats.create', fault.error(error)],
      ['pats.create', fault.patTokenError(hostile, hostile)],
      ['pats.revoke', fault.error(error)],
    ] as const) {
      emulator().faults.clear();
      emulator().faults.add(operation, one, { times: Infinity });
      assertNoCommand(await runIssuingJob(emulator()), ['pat']);
    }
  });

  it('run none, wherever somebody gave them as a name', async () => {
    seed(emulator(), [hostile.slice(0, 120), `${hostile.slice(0, 60)} ${nameOf(7)}`]);
    const names = { 'Build.DefinitionName': hostile, 'Build.BuildNumber': hostile };
    const { job } = await revoke(emulator(), { what: 'name', namePattern: '*task.setvariable*' });
    assertNoCommand(job, ['revoke']);
    assertNoCommand(await runIssuingJob(emulator(), { variables: names }), ['pat']);
  });

  it('run none, wherever a YAML file says them', async () => {
    const plan = `pats:\n- name: ${JSON.stringify(hostile)}\n  ${JSON.stringify(hostile)}: x`;
    const job = await withPlan(emulator(), [`cat > plan.yml <<'END'\n${plan}\nEND`]);
    assert.equal(mainOf(job, 'rotate').result, 'Failed');
    assertNoCommand(job, ['rotate']);
  });
});

describe('What is shown: inputs that never end', function () {
  this.timeout(120_000);
  const emulator = emulatorForEachTest();

  /** Milliseconds, on a machine that has other things to do. */
  const LONG = 15_000;

  for (const [what, make] of [
    ['a pipe that nobody writes to', 'mkfifo plan.yml'],
    ['a device without an end', 'ln -s /dev/zero plan.yml'],
    ['a folder', 'mkdir plan.yml'],
    ['a file of the system that tells no size', 'ln -s /proc/self/environ plan.yml'],
    [
      '200 KB of tags',
      `printf 'pats:\\n- name: %s\\n' "$(yes '!a' | head -c 200000 | tr '\\n' ' ')" > plan.yml`,
    ],
    ['200 KB of brackets', `yes '[' | head -c 200000 | tr -d '\\n' > plan.yml`],
    ['200 KB of nested maps', `yes '{a: ' | head -c 200000 | tr -d '\\n' > plan.yml`],
    [
      'anchors that grow',
      `printf 'a: &a [x,x]\\n' > plan.yml; for i in 1 2 3 4 5 6 7 8 9; do printf 'b%s: &b%s [*a,*a,*a]\\n' $i $i >> plan.yml; done`,
    ],
    ['200 KB of keys', `{ echo 'pats:'; echo '- name: x'; seq 1 20000 | sed 's/.*/  k&: 1/'; } > plan.yml`],
  ] as const)
    it(`as a plan end in a clear message: ${what}`, async () => {
      const started = performance.now();
      const job = await withPlan(emulator(), [make]);
      assert.ok(performance.now() - started < LONG, `${String(performance.now() - started)} ms`);
      assert.equal(mainOf(job, 'rotate').result, 'Failed', job.log);
      assert.match(issuesOf(mainOf(job, 'rotate')), /\[input-not-valid\]/);
      assert.equal(emulator().requests.length, 0);
    });

  it('as scopes end in a clear message: 32 KB of unknown ones', async () => {
    const started = performance.now();
    const scopes = Array.from({ length: 3_000 }, (_, index) => `vso.x${String(index)}`).join(',');
    const job = await runIssuingJob(emulator(), { steps: [issueStep({ scopes })] });
    assert.ok(performance.now() - started < LONG);
    assert.match(issuesOf(mainOf(job)), /scopes.*\[input-not-valid\]/s);
  });

  for (const project of ['..', '.', '../..', 'a/b', 'a\\b', '%2e%2e', '..%2f', '...'])
    it(`as a project lead to no other path: ${project}`, async () => {
      const store = { store: 'variableGroup', variableGroup: 'deploy', variableName: 'GIT_PAT', project };
      const steps = [
        {
          task: 'RotatePat@1',
          name: 'rotate',
          inputs: { patIssuer: issuerConnectionName, name: 'x', scopes: 'vso.code', ...store },
        },
      ];
      const job = await runIssuingJob(emulator(), { steps });
      assert.match(issuesOf(mainOf(job, 'rotate')), /is not the name of a project/);
      assert.equal(emulator().requests.length, 0);
    });
});

describe('What is shown: people, where an audit leaves them out', function () {
  this.timeout(60_000);
  const emulator = emulatorForEachTest();

  it('appear nowhere in the run', async () => {
    const { entra, pats } = emulator();
    const names = ['Erika Mustermann', 'Zoe Quux'];
    const users = names.map(displayName =>
      entra.addUser({
        displayName,
        principalName: `${displayName.replace(' ', '.')}@people.example`.toLowerCase(),
      }),
    );
    for (const owner of users)
      pats.seed([
        { displayName: `laptop of ${owner.displayName}`, owner, scope: 'app_token' },
        { displayName: nameOf(7, { job: jobId, project: projectId }), owner },
      ]);
    const admin = entra.addUser({ displayName: 'Admin', administrator: true });
    const adminToken = entra.issueAccessToken({ user: admin, scopes: ['user_impersonation'] }).value;
    const inputs = {
      whose: 'organization',
      organization: 'contoso',
      adminToken,
      people: 'pseudonyms',
      failOn: 'never',
    };
    const steps = [
      { task: 'AuditPats@1', name: 'audit', inputs },
      { bash: 'cat "$(audit.csvFile)" "$(audit.sarifFile)"', name: 'print', condition: 'always()' },
    ];
    const job = await runIssuingJob(emulator(), { steps });
    assert.match(logOf(mainOf(job, 'audit')), /\d+ PATs: /);
    const texts = [job.log, JSON.stringify(job.outputs), ...job.steps.map(step => step.rawOutput)];
    const everything = [...texts, ...job.uploads.map(({ content }) => content.toString('utf8'))].join('\n');
    assert.doesNotMatch(everything, /erika|mustermann|quux|people\.example/i);
  });
});

/** Runs a rotation by the plan that a script leaves in the folder of the sources. */
async function withPlan(emulator: Emulator, scripts: readonly string[]): Promise<JobResult> {
  const inputs = { patIssuer: issuerConnectionName, plan: 'plan.yml', scopes: 'vso.code' };
  const steps = [...scripts.map(bash => ({ bash })), { task: 'RotatePat@1', name: 'rotate', inputs }];
  return runIssuingJob(emulator, { steps });
}
