import assert from 'node:assert/strict';
import { join } from 'node:path';
import { azureDevOpsExtension, needs } from '../unit/emulator/real-tools.js';
import { emulatorForEachTest, issueStep, logOf, mainOf, runIssuingJob } from '../e2e/issuing-job.js';
import { assertNoPat } from '../e2e/secret-traces.js';

const tfx = join(import.meta.dirname, '..', '..', 'node_modules', 'tfx-cli', '_build', 'tfx-cli.js');

describe("Azure DevOps' own command lines", function () {
  this.timeout(240_000);
  const emulator = emulatorForEachTest();

  /** A script in a later step, with a home of its own that is looked through afterwards. */
  async function use(inputs: Record<string, string>, lines: string, env: Record<string, string> = {}) {
    const job = await runIssuingJob(emulator(), {
      steps: [
        issueStep({ scopes: '', purpose: 'buildRead', ...inputs }),
        {
          bash: `set -e; export HOME="$PWD/home" AZURE_CORE_COLLECT_TELEMETRY=false; mkdir -p home
            ORG=${emulator().organizationUrl('contoso')}\n${lines}`,
          name: 'use',
          displayName: 'use',
          env,
        },
      ],
    });
    assert.equal(job.result, 'Succeeded', job.log);
    assertNoPat(job, emulator());
    const asked = emulator().requests.filter(({ operation }) => operation === 'build.list');
    assert.deepEqual(
      asked.map(({ status }) => status),
      [200],
    );
    return logOf(mainOf(job, 'use'));
  }

  it('az uses the PAT with nothing written for it, however much it tells', async function () {
    needs(this, 'az', azureDevOpsExtension);
    const output = await use(
      { configure: 'azureDevOpsCli' },
      'az pipelines runs list --org "$ORG" --project sample --output json --debug 2>&1',
    );
    assert.match(output, /^\[\]$/m);
  });

  it('tfx, which configure leaves out, takes the PAT from its prompt, and keeps it nowhere', async () => {
    const output = await use(
      {},
      `TFX_TRACE=1 node "${tfx}" build list --service-url "$ORG" --project sample --json --trace-level debug <<< "$JOB_PAT" 2>&1`,
      { JOB_PAT: '$(JOB_PAT)' },
    );
    assert.match(output, /\[\]$/m);
  });
});
