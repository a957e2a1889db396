import { build, type Plugin } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Emulator } from '#emulator/index';
import { buildOfRun } from '#local-agent/build-of-run';
import type { PipelineResult } from '#local-agent/index';
import { INVENTORY_TYPE } from '../../tab/inventory.js';
import { root } from '../paths.js';
import { themes } from '../tab/page/themes.js';

/**
 * Writes the tab PATs of a run as one page that opens without a server: the tab of the extension as it is, with what the
 * stand-in answers it.
 */
export async function writeTabPage(emulator: Emulator, run: PipelineResult, target: string): Promise<void> {
  const { id, project, organization } = emulator.runs.addBuild(buildOfRun(run));
  const { value: token } = emulator.jobs.issueToken({ organization: organization.name });
  const base = `${emulator.organizationUrl(organization.name)}/${project.id}/_apis/build/builds/${id}`;
  const answers: Record<string, string> = {};
  const ask = async (path: string): Promise<string> => {
    const answer = await fetch(`${base}/${path}`, { headers: { Authorization: `Bearer ${token}` } });
    return (answers[path] = answer.ok ? await answer.text() : '');
  };
  const timeline = await ask('timeline?api-version=7.1');
  // What a step tells of its PATs is in a timeline of its own.
  for (const [, own] of timeline.matchAll(/"details":\{"id":"([0-9a-f-]{36})"/g))
    await ask(`timeline/${own ?? ''}?api-version=7.1`);
  await ask(`attachments/${INVENTORY_TYPE}?api-version=7.1-preview.2`);
  const host = {
    organizationUrl: `https://dev.azure.com/${organization.name}/`,
    build: { id, status: 2, project: { id: project.id, name: project.name } },
    answers,
  };
  const [script, styles] = await Promise.all([
    tabScript(host),
    readFile(join(root, 'tab', 'styles.css'), 'utf8'),
  ]);
  const variables = (theme: 'light' | 'dark') =>
    Object.entries(themes[theme])
      .map(([name, value]) => `--${name}: ${value};`)
      .join(' ');
  await mkdir(dirname(target), { recursive: true });
  await writeFile(
    target,
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PATs of run ${id}</title>
<style>
:root { ${variables('light')} }
@media (prefers-color-scheme: dark) { :root { ${variables('dark')} } }
body { background: var(--background-color); color: var(--text-primary-color); font: 14px/20px 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; }
${styles}
</style>
<main id="page" aria-busy="true"></main>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</html>
`,
  );
}

/** The script of the tab with a host that answers from these values. */
async function tabScript(host: object): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'tab', 'main.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    minify: true,
    tsconfig: join(root, 'tab', 'tsconfig.json'),
    plugins: [answeredBy(host)],
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/** In place of the host's SDK, and of the network. */
function answeredBy(host: object): Plugin {
  const contents = `
    const host = ${JSON.stringify(host)};
    window.fetch = url => {
      const path = Object.keys(host.answers).find(known => String(url).endsWith('/' + known));
      const text = path === undefined ? '' : host.answers[path];
      return Promise.resolve(new Response(text, { status: text === '' ? 404 : 200 }));
    };
    export const init = async () => {};
    export const notifyLoadSucceeded = async () => {};
    export const getAccessToken = async () => '';
    export const getConfiguration = () => ({ onBuildChanged: listener => listener(host.build) });
    export const getService = async () => ({ getServiceLocation: async () => host.organizationUrl });
    export const getWebContext = () => ({ project: host.build.project });
  `;
  return {
    name: 'answered-host',
    setup(building) {
      building.onResolve({ filter: /^azure-devops-extension-sdk$/ }, () => ({
        path: 'host',
        namespace: 'host',
      }));
      building.onLoad({ filter: /.*/, namespace: 'host' }, () => ({ contents, loader: 'js' }));
    },
  };
}
