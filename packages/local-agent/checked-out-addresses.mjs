// Makes addresses in the texts of a checked out folder lead to what stands in for them: ADDRESSES-AS-JSON FOLDER.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const [addresses = '[]', folder = '.'] = process.argv.slice(2);
const MOST_BYTES = 1024 * 1024;
const texts = new Set(['.yml', '.yaml', '.json', '.xml', '.config', '.toml', '.npmrc', '.gitmodules']);

for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  const path = join(folder, name);
  const isText = texts.has(extname(path)) || texts.has(name.split(/[\\/]/).at(-1) ?? '');
  if (!isText || /(^|[\\/])(\.git|node_modules)[\\/]/.test(name)) continue;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size > MOST_BYTES) continue;
  const before = readFileSync(path, 'utf8');
  let after = before;
  for (const { named, local } of JSON.parse(addresses)) {
    after = replaced(after, named, local);
    // Some files name hosts without a scheme.
    after = replaced(after, named.replace('https:', ''), local.replace(/^https?:/, ''));
  }
  if (after !== before) writeFileSync(path, after);
}

function replaced(text, named, local) {
  const escaped = named.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(`${escaped}(?![\\w-]|\\.\\w)`, 'gi'), () => local);
}
