import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withAddresses } from '#local-agent/checkout';
import { runPipeline } from '#local-agent/index';
import { localAddresses } from '../../../scripts/stand-in/addresses.js';
import { packageFiles, zip } from './fixture-package.js';

const ORIGIN = 'http://127.0.0.1:8080';
const addresses = localAddresses(ORIGIN, ['contoso', 'fabrikam']);

describe('Addresses in what a pipeline runs', () => {
  for (const [named, local] of [
    ['https://dev.azure.com/contoso', `${ORIGIN}/contoso`],
    ['https://dev.azure.com/Contoso/Shop/_git/catalog', `${ORIGIN}/contoso/Shop/_git/catalog`],
    ['https://contoso@dev.azure.com/contoso/Shop', `${ORIGIN}/contoso/Shop`],
    ['https://pkgs.dev.azure.com/fabrikam/_packaging/a/npm/', `${ORIGIN}/fabrikam/_packaging/a/npm/`],
    ['https://contoso.visualstudio.com/Shop', `${ORIGIN}/contoso/Shop`],
    ['https://contoso.pkgs.visualstudio.com/_packaging', `${ORIGIN}/contoso/_packaging`],
    ['https://contoso.vault.azure.net', ORIGIN],
  ] as const) {
    it(`lead from ${named} to the stand-in`, () => {
      assert.equal(withAddresses(`url: "${named}"`, addresses), `url: "${local}"`);
    });
  }

  for (const other of [
    'https://dev.azure.com/contoso2',
    'https://dev.azure.com/contoso-shops/Shop',
    'https://dev.azure.com/tailspin',
    'https://contoso.visualstudio.com.evil.example',
    'https://example.com/contoso',
  ]) {
    it(`stay as they are: ${other}`, () => {
      assert.equal(withAddresses(other, addresses), other);
    });
  }

  describe('and in files of a checkout', function () {
    this.timeout(30_000);
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'job-pat-checkout-'));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    };

    /** The lines that the steps of this file print. */
    async function logOf(pipeline: string): Promise<{ log: string; artifacts: readonly string[] }> {
      write('pipeline.yml', pipeline);
      writeFileSync(join(folder, 'tasks.vsix'), zip(packageFiles([])));
      const { result, jobs } = await runPipeline({
        vsix: join(folder, 'tasks.vsix'),
        pipeline: join(folder, 'pipeline.yml'),
        collectionUrl: `${ORIGIN}/contoso`,
        addresses,
      });
      const log = jobs.map(job => job.log).join('\n');
      assert.equal(result, 'Succeeded', log);
      const uploads = jobs.flatMap(job => job.uploads);
      return { log, artifacts: uploads.filter(({ kind }) => kind === 'artifact').map(({ name }) => name) };
    }

    it('lead there too, also without a scheme; programs and the original stay', async () => {
      write('plan.yml', 'url: https://contoso.vault.azure.net');
      write('npm/.npmrc', '//pkgs.dev.azure.com/contoso/_packaging/a/npm/:_auth=${A}\n');
      write('run.sh', 'echo https://dev.azure.com/contoso');
      const steps = '- checkout: self\n- script: cat plan.yml npm/.npmrc run.sh\n';
      const { log } = await logOf(`steps:\n${steps}`);
      assert.match(log, /^url: http:\/\/127\.0\.0\.1:8080$|url: http:\/\/127\.0\.0\.1:8080\/\/127/m);
      assert.ok(log.includes('//127.0.0.1:8080/contoso/_packaging/a/npm/:_auth=${A}'), log);
      assert.ok(log.includes('echo https://dev.azure.com/contoso'), log);
    });

    it('are found by a step that works in a folder of the sources', async () => {
      write('shop/name.txt', 'catalog\n');
      const { log } = await logOf(
        'steps:\n- checkout: self\n- script: cat name.txt\n  workingDirectory: shop\n',
      );
      assert.match(log, /^catalog$/m);
    });

    it('a folder that is published becomes an artifact, and its files are listed', async () => {
      write('data/one.csv', '');
      const { log, artifacts } = await logOf(
        'steps:\n- checkout: self\n- publish: $(Build.SourcesDirectory)/data\n  artifact: figures\n',
      );
      assert.deepEqual(artifacts, ['figures']);
      assert.match(log, /^one\.csv$/m);
    });

    it('a step of PowerShell is left out where its condition says so', async () => {
      const { log } = await logOf(
        "steps:\n- pwsh: exit 1\n  condition: eq(variables['Agent.OS'], 'Solaris')\n- script: echo done\n",
      );
      assert.match(log, /^done$/m);
    });
  });
});
