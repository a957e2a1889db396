import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { taskFolders } from './build.js';
import { root } from './paths.js';
import { END, referencePage } from './reference-page.js';
import { readProduct } from './product.js';
import { auditRulesSchema, rotationPlanSchema } from './schemas.js';
import { readTaskSource } from './task-definition.js';

/**
 * The reference page of each task, docs/tasks/<name>.md, as it should be: written anew out of task.json above its lower part,
 * which is somebody's.
 *
 * @returns the pages by their path in the repository
 */
export async function referencePages(): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  for (const folder of await taskFolders()) {
    const name = basename(dirname(folder));
    const path = join('docs', 'tasks', `${kebab(name)}.md`);
    const present = existsSync(join(root, path)) ? await readFile(join(root, path), 'utf8') : '';
    const byHand = present.includes(END) ? present.slice(present.indexOf(END) + END.length).trimStart() : '';
    const definition = await readTaskSource(folder, await readProduct());
    const text = linksFromDocs(`${referencePage(definition)}\n${byHand}`.trimEnd());
    const options = await resolveConfig(join(root, path));
    pages.set(path, await format(text, { ...options, parser: 'markdown' }));
  }
  return pages;
}

/** task.json names files from the root of the repository; these pages lie two folders below it. */
function linksFromDocs(markdown: string): string {
  const end = markdown.indexOf(END);
  const above = markdown
    .slice(0, end)
    .replace(/\]\((?!https?:|#|\.\.)([^)\s]+)\)/g, (_, path: string) => `](${relative('docs/tasks', path)})`);
  return above + markdown.slice(end);
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, letter => `-${letter}`).toLowerCase();
}

/** The schemas of the files that users write, by their paths: they know what the code knows. */
export async function schemasOfFiles(): Promise<(readonly [path: string, text: string])[]> {
  const folder = join(root, 'tasks', 'RotatePat', 'RotatePatV1');
  const definition = await readTaskSource(folder, await readProduct());
  return [await rotationPlanSchema(definition), await auditRulesSchema()];
}

if (process.argv[1] === import.meta.filename) {
  await mkdir(join(root, 'docs', 'tasks'), { recursive: true });
  for (const [path, text] of [...(await referencePages()), ...(await schemasOfFiles())]) {
    await writeFile(join(root, path), text);
    console.log(path);
  }
}
