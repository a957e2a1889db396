import assert from 'node:assert/strict';
import type { Emulator } from '#emulator/index';
import type { JobResult } from '#local-agent/index';
import {
  emulatorForEachTest,
  issueStep,
  issuesOf,
  logOf,
  mainOf,
  postOf,
  runIssuingJob,
} from './issuing-job.js';
import { needs } from '../unit/emulator/real-tools.js';
import { formsOf, traceIn } from './secret-traces.js';

/** A script step, as every later one of a job: nothing maps a PAT into it. */
function script(name: string, lines: string, settings: object = {}): object {
  return { bash: `set -e\n${lines}`, name, displayName: name, ...settings };
}

describe('git, made ready by configure', () => {
  const emulator = emulatorForEachTest();
  const ready = (inputs: Record<string, string> = {}) =>
    issueStep({ scopes: '', purpose: 'gitClone', configure: 'git', ...inputs });
  const assertMasked = (job: JobResult) => {
    const values = emulator()
      .pats.list()
      .map(({ value }) => value);
    assert.ok(values.length > 0);
    assert.equal(traceIn(job.log, values), undefined, 'The log shows a PAT.');
  };
  const outputOf = (job: JobResult, name: string) => logOf(mainOf(job, name));

  it('clones with nothing written for it, also from an address of the portal with a user name in it', async () => {
    const url = emulator().gitUrl('contoso');
    const job = await runIssuingJob(emulator(), {
      steps: [
        ready(),
        script('plain', `git clone -q ${url} one && git -C one log --oneline`),
        script('named', `git clone -q ${url.replace('://', '://contoso@')} two && git -C two fetch`),
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.match(
      logOf(mainOf(job)),
      /^git: clones, fetches and pushes in contoso use the PAT, .*Set until the job ends: JOBPAT_GIT_CONTOSO, GIT_CONFIG_PARAMETERS\.$/m,
    );
    assertMasked(job);
  });

  it('shows the PAT in no form, however much git tells of its requests', async () => {
    const url = emulator().gitUrl('contoso');
    const job = await runIssuingJob(emulator(), {
      steps: [
        ready(),
        script('loud', `git clone ${url} one 2>&1; env; git -C one config --list`, {
          env: { GIT_CURL_VERBOSE: '1', GIT_TRACE: '1', GIT_TRACE_CURL: '1', GIT_TRACE_REDACT: '0' },
        }),
      ],
    });
    assert.match(outputOf(job, 'loud'), /authorization: basic \S*\*\*\*/i);
    assertMasked(job);
  });

  it('pushes commits that bear the name and the mail address of the issuing user', async () => {
    const url = emulator().gitUrl('contoso');
    const job = await runIssuingJob(emulator(), {
      steps: [
        ready({ purpose: 'gitPush' }),
        script(
          'push',
          `git clone -q ${url} one && cd one && git commit -q --allow-empty -m Generate && git push -q origin HEAD
           git log -1 --format='%an|%ae|%cn|%ce'; echo "$(pat.gitUserName)|$(pat.gitUserEmail)"`,
        ),
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    const { displayName, principalName } = emulator().pats.list()[0]?.owner ?? assert.fail('no PAT');
    const lines = outputOf(job, 'push').split('\n');
    assert.ok(lines.includes(`${displayName}|${principalName}|${displayName}|${principalName}`), job.log);
    assert.ok(lines.includes(`${displayName}|${principalName}`), job.log);
  });

  it('uses the PAT of each of two organizations, also for a submodule of the other', async () => {
    const gitUrl = (name: string) => emulator().gitUrl(name);
    const job = await runIssuingJob(emulator(), {
      steps: [
        ready({ organization: 'contoso, fabrikam', purpose: 'gitPush' }),
        script(
          'submodule',
          `git clone -q ${gitUrl('contoso')} one && cd one
           git submodule --quiet add ${gitUrl('fabrikam')} lib && git commit -q -m 'Add lib' && git push -q origin HEAD
           cd .. && git clone -q --recurse-submodules ${gitUrl('contoso')} two && cat two/lib/README.md
           git -C two submodule --quiet update --remote && git -C two submodule foreach --quiet git fetch`,
        ),
        script(
          'other',
          `git clone -q ${emulator().organizationUrl('fabrikam').replace('fabrikam', 'northwind')}/sample/_git/sample three || echo refused`,
        ),
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.match(outputOf(job, 'submodule'), /organization fabrikam/);
    assertMasked(job);
    const wrong = emulator().requests.filter(
      ({ operation, status }) => operation.startsWith('git.') && status === 403,
    );
    assert.deepEqual(wrong, []);
  });

  it('reaches a submodule of another project, and large files', async function () {
    needs(this, 'git-lfs');
    const { repositories } = emulator();
    const gitUrl = (of: Parameters<Emulator['gitUrl']>[0]) => emulator().gitUrl(of);
    const lib = repositories.add('contoso', { name: 'lib', project: 'Other Project' });
    const url = gitUrl('contoso');
    const job = await runIssuingJob(emulator(), {
      steps: [
        ready({ purpose: 'gitPush' }),
        script(
          'large',
          `git clone -q ${url} one && cd one && git lfs install --local
           git submodule --quiet add "${gitUrl(lib)}" lib
           git lfs track '*.bin' && head -c 100000 /dev/zero | tr '\\0' x > large.bin && git add -A && git commit -qm Large
           GIT_TRACE=1 GIT_CURL_VERBOSE=1 git push origin HEAD 2>&1
           cd .. && git clone -q --recurse-submodules ${url} two && git -C two lfs install --local && git -C two lfs pull
           wc -c < two/large.bin && cat two/lib/README.md && cat two/.git/config`,
        ),
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.match(outputOf(job, 'large'), /^100000$/m);
    assert.match(outputOf(job, 'large'), /^# lib$/m);
    assertMasked(job);
  });

  for (const order of ['before', 'after']) {
    it(`leaves a checkout alone that persisted its own credential ${order} it`, async () => {
      const url = emulator().gitUrl('contoso');
      const checkout = script(
        'checkout',
        `git init -q self && cd self && git remote add origin ${url}
         git config http.${url}.extraheader "AUTHORIZATION: bearer $TOKEN"
         git fetch -q origin && git checkout -q -b main origin/main`,
        { env: { TOKEN: '$(System.AccessToken)' } },
      );
      const use = script(
        'use',
        'cd self && git pull -q origin main && git commit -q --allow-empty -m x && git push -q origin main',
      );
      const other = script('other', `git clone -q ${url} clone && git -C clone log -1 --format=%s`);
      const steps = order === 'before' ? [checkout, ready(), use, other] : [ready(), checkout, use, other];
      const job = await runIssuingJob(emulator(), { steps });
      assert.equal(job.result, 'Succeeded', job.log);
      // The PAT may only read: the push went with the credential of the checkout.
      assert.ok(
        emulator()
          .requestsOf('git.push')
          .some(({ status, method }) => status === 200 && method === 'POST'),
      );
      assert.match(outputOf(job, 'other'), /^x$/m);
    });
  }

  it('asks no helper of the user for its addresses, tells none the PAT, and leaves all other settings as they are', async () => {
    const url = emulator().gitUrl('contoso');
    const job = await runIssuingJob(emulator(), {
      steps: [
        script(
          'user',
          `mkdir home && printf '[credential]\n\thelper = store\n[alias]\n\tmine = log -1 --format=tformat:mine:%%s\n' > home/.gitconfig && cp home/.gitconfig as-it-was`,
        ),
        ready(),
        script(
          'use',
          `export HOME=$PWD/home; git clone -q ${url} one && git -C one mine && git -C one -c user.name=Somebody commit -q --allow-empty -m x
           git -C one log -1 --format='by %an'
           GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=alias.counted GIT_CONFIG_VALUE_0='log -1 --format=tformat:counted' git -C one counted
           cmp home/.gitconfig as-it-was; ls -A home; cat one/.git/config
           printf 'protocol=https\nhost=example.com\nusername=u\npassword=theirs\n\n' | git credential approve; cat home/.git-credentials`,
        ),
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    const output = outputOf(job, 'use');
    for (const line of [
      /^mine:Say hello$/m,
      /^by Somebody$/m,
      /^counted$/m,
      /^\.gitconfig$/m,
      /^https:\/\/u:.*@example\.com$/m,
    ])
      assert.match(output, line);
    assert.doesNotMatch(output, /127\.0\.0\.1.*helper/);
    assertMasked(job);
  });

  it('keeps what the job had told git before', async () => {
    const url = emulator().gitUrl('contoso');
    const job = await runIssuingJob(emulator(), {
      variables: { GIT_CONFIG_PARAMETERS: "'alias.mine=log -1 --format=tformat:mine'" },
      steps: [ready(), ready({}), script('use', `git clone -q ${url} one && git -C one mine`)].map(
        (step, index) => (index === 1 ? { ...step, name: 'again' } : step),
      ),
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assert.match(outputOf(job, 'use'), /^mine$/m);
    // Two steps of the same organization and tool: neither takes the other's end for a refusal.
    assert.deepEqual(job.issues, []);
  });

  it('does nothing for later steps unless it is asked for', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [
        script('before', 'env | cut -d= -f1 | sort > before'),
        issueStep({ scopes: '', purpose: 'gitClone' }),
        script(
          'after',
          'env | cut -d= -f1 | sort | diff before - | grep -v "PAT_\\|SYSTEM_TASK\\|AGENT_JOBSTATUS"; true',
        ),
      ],
    });
    assert.doesNotMatch(outputOf(job, 'after'), /^[<>] (GIT|JOBPAT|NPM|PIP|PYTHON)/m);
  });

  it('leaves no PAT in a variable, a file or git when the job ends, also when a step was killed', async () => {
    const url = emulator().gitUrl('contoso');
    const job = await runIssuingJob(emulator(), {
      steps: [ready(), script('use', `git clone -q ${url} one; kill -9 $$`)],
    });
    assert.equal(job.result, 'Failed');
    const [pat] = emulator().pats.list();
    assert.equal(pat?.state, 'revoked');
    const held = Object.entries(job.variables).filter(
      ([name, { value }]) => name !== 'JOB_PAT' && formsOf(pat.value).some(form => value.includes(form)),
    );
    assert.deepEqual(
      held.map(([name]) => name),
      [],
    );
    assert.deepEqual(
      job.leftovers.filter(({ secrets }) => secrets > 0),
      [],
    );
  });

  it('says which variables a restricted step could not set, and how to let it', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [issueStep({ configure: 'git' }, { target: { settableVariables: ['JOB_PAT'] } })],
    });
    const warnings = issuesOf(postOf(job), 'warning');
    assert.match(
      warnings,
      /did not get JOBPAT_GIT_CONTOSO, GIT_CONFIG_PARAMETERS\. Name them in settableVariables/,
    );
    assert.equal(emulator().pats.active().length, 0);
  });

  it('is refused by the name of the purpose where a ceiling does not allow it, before any request', async () => {
    const job = await runIssuingJob(emulator(), {
      steps: [ready({ purpose: 'gitPush' })],
      connection: { allowedScopes: 'vso.code' },
    });
    assert.match(issuesOf(mainOf(job)), /Input purpose: gitPush takes vso\.code_write, beyond allowedScopes/);
    assert.deepEqual(emulator().requests, []);
  });
});
