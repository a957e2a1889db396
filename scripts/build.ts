import { build } from 'esbuild';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { buildTab } from './build-tab.js';
import { flavoured, readManifest, stagedExtension, type Flavour, type Manifest } from './flavour.js';
import { leanTaskLib } from './lean-task-lib.js';
import { libraryUrls } from './library-urls.js';
import { inputsReadBy } from './inputs-read.js';
import { billOfMaterials } from './bill-of-materials.js';
import { bundledPackages, noticesOf } from './notices.js';
import { onDemand } from './on-demand.js';
import { root } from './paths.js';
import { definesOf, readProduct, withAbsoluteLinks, type Product } from './product.js';
import { bundleOf, stageEntry } from './stage-entry.js';
import { resourcesOf } from './task-resources.js';
import { readTaskDefinition, taskDefinitionFaults, type TaskDefinition } from './task-definition.js';

/** A build that cannot be shipped: every reason, a line each. */
export class BuildFault extends Error {
  override readonly name = 'BuildFault';
}

/**
 * Lays out the extension in dist/extension, ready for tfx: bundles, task.json files with version and scopes filled in,
 * icons, manifest.
 *
 * @returns the folder
 * @throws BuildFault naming everything that is wrong
 */
export async function buildExtension(
  flavour: Flavour,
  folder = stagedExtension(flavour),
  chosen?: Product,
): Promise<string> {
  const product = chosen ?? (await readProduct());
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const faults: string[] = [];
  const packages = new Set<string>();
  const taskIds = new Set<string>();

  for (const task of await taskFolders()) {
    const target = join(folder, relative(root, task));
    const bundled = await bundle(task, target, product);
    for (const path of bundled) packages.add(path);
    const definition = await readTaskDefinition(task, product);
    const read = inputsReadBy(sourcesOf(bundled));
    faults.push(
      ...(await taskDefinitionFaults(task, definition, read)).map(
        fault => `${relative(root, task)}: ${fault}`,
      ),
    );
    // Says what the bundles are, wherever an agent unpacks them.
    await writeJson(join(target, 'package.json'), { type: 'commonjs' });
    const shipped = flavoured(definition, flavour) satisfies TaskDefinition;
    taskIds.add(shipped.id);
    await writeJson(join(target, 'task.json'), shipped);
    const language = join(target, 'Strings', 'resources.resjson', 'en-US');
    await mkdir(language, { recursive: true });
    await writeJson(join(language, 'resources.resjson'), resourcesOf(shipped));
    await cp(join(task, 'icon.png'), join(target, 'icon.png')).catch(() => {
      faults.push(`${relative(root, task)}: icon.png is missing`);
    });
  }
  const tab = await buildTab(join(folder, 'tab'));
  for (const path of Object.keys(tab.inputs)) packages.add(path);
  const manifest = await readManifest(flavour, product);
  faults.push(...contributionFaults(manifest, await taskFolders()), ...tabFaults(manifest, taskIds));
  if (faults.length > 0) throw new BuildFault(`The build failed:\n- ${faults.join('\n- ')}`);

  for (const path of ['images', 'LICENSE']) {
    await cp(join(root, path), join(folder, path), {
      recursive: true,
      // What the pages of the repository show is not part of the extension.
      filter: source => !/\.svg$|README\.md$|[\\/]images[\\/](tasks|pictures)$/.test(source),
    });
  }
  const overview = await readFile(join(root, 'overview.md'), 'utf8');
  await writeFile(join(folder, 'overview.md'), withAbsoluteLinks(overview, product));
  const shippedPackages = await bundledPackages(packages);
  await writeFile(join(folder, 'NOTICE.txt'), noticesOf(shippedPackages));
  await writeFile(join(folder, 'sbom.cdx.json'), billOfMaterials(manifest.id, product, shippedPackages));
  await writeJson(join(folder, 'vss-extension.json'), manifest);
  return folder;
}

/** A task that the manifest does not contribute would be packed, and nobody could use it. */
function contributionFaults(manifest: Manifest, folders: readonly string[]): string[] {
  const tasks = new Set(folders.map(folder => relative(root, dirname(folder))));
  const contributed = new Set(
    manifest.contributions
      .filter(({ type }) => type === 'ms.vss-distributed-task.task')
      .map(({ properties }) => properties.name),
  );
  return [
    ...[...tasks]
      .filter(task => !contributed.has(task))
      .map(task => `vss-extension.json does not contribute ${task}`),
    ...[...contributed]
      .filter(task => !tasks.has(task))
      .map(task => `vss-extension.json contributes ${task}, which does not exist`),
  ];
}

/** A tab shows where one of its tasks is in the pipeline: an id that no task has would hide it without a word. */
function tabFaults(manifest: Manifest, taskIds: ReadonlySet<string>): string[] {
  return manifest.contributions
    .flatMap(({ properties }) => properties.supportsTasks ?? [])
    .filter(id => !taskIds.has(id))
    .map(id => `vss-extension.json has a tab for task ${id}, which does not exist`);
}

/** tasks/<Name>/<NameVn>, one folder for each task and major version. */
export async function taskFolders(): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(join(root, 'tasks'))) {
    if (name === 'common') continue;
    for (const major of await readdir(join(root, 'tasks', name)))
      found.push(join(root, 'tasks', name, major));
  }
  return found.sort();
}

/**
 * One file for each stage of the task, and one for each module that is imported on demand, for the oldest Node that an
 * agent runs tasks on. @returns the paths of everything that is in them
 */
async function bundle(task: string, target: string, product: Product): Promise<string[]> {
  const stages = (await readdir(task)).filter(file => file === 'main.ts' || file === 'post.ts');
  const demanded = new Map<string, string>();
  const bundled = await bundleFiles(
    Object.fromEntries(stages.map(stage => [bundleOf(basename(stage, '.ts')), join(task, stage)])),
    target,
    product,
    demanded,
  );
  for (const stage of stages) {
    const name = basename(stage, '.ts');
    await writeFile(join(target, `${name}.js`), stageEntry(name));
  }
  const made = new Set<string>();
  for (;;) {
    // A file may ask for another one.
    const asked = [...demanded].filter(([name]) => !made.has(name));
    if (asked.length === 0) return bundled;
    for (const [name] of asked) made.add(name);
    bundled.push(...(await bundleFiles(Object.fromEntries(asked), target, product, demanded)));
  }
}

async function bundleFiles(
  entryPoints: Readonly<Record<string, string>>,
  target: string,
  product: Product,
  demanded: Map<string, string>,
): Promise<string[]> {
  if (Object.keys(entryPoints).length === 0) return [];
  const { metafile } = await build({
    entryPoints: { ...entryPoints },
    outdir: target,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    metafile: true,
    absWorkingDir: root,
    define: definesOf(product),
    plugins: [leanTaskLib, libraryUrls, onDemand(demanded)],
    logLevel: 'error',
  });
  return Object.keys(metafile.inputs);
}

/** Our own modules that are in the bundles. */
function sourcesOf(bundled: readonly string[]): string[] {
  return bundled.filter(path => /^(tasks|packages)\//.test(path)).map(path => join(root, path));
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}
