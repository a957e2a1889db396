import { readdir, readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';

/** The files of a package by their path inside it, with `/` and without a leading one. */
export type PackageFiles = ReadonlyMap<string, Buffer>;

/** Reads a VSIX file, or a folder laid out like one. Throws if it is neither. */
export async function readPackageFiles(path: string): Promise<PackageFiles> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Error(`There is no package at ${path}.`);
  return found.isDirectory() ? readFolder(path) : readZip(await readFile(path), path);
}

async function readFolder(root: string): Promise<PackageFiles> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(file.slice(root.length).replaceAll('\\', '/').replace(/^\/+/, ''), await readFile(file));
  }
  return files;
}

async function readZip(bytes: Buffer, path: string): Promise<PackageFiles> {
  const zip = await openZip(bytes).catch((error: unknown) => {
    throw new Error(`${path} is not a VSIX file.`, { cause: error });
  });
  const files = new Map<string, Buffer>();
  return new Promise((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', () => {
      resolve(files);
    });
    zip.on('entry', (entry: Entry) => {
      if (entry.fileName.endsWith('/')) {
        zip.readEntry();
        return;
      }
      readEntry(zip, entry).then(content => {
        files.set(partName(entry.fileName), content);
        zip.readEntry();
      }, reject);
    });
    zip.readEntry();
  });
}

/** Part names of a VSIX are URI paths: what is not ASCII is percent-encoded. */
function partName(fileName: string): string {
  const relative = posix.normalize(fileName).replace(/^\/+/, '');
  try {
    return decodeURIComponent(relative);
  } catch {
    return relative;
  }
}

function openZip(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) reject(error);
      else resolve(zip);
    });
  });
}

function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) {
        reject(error);
        return;
      }
      const chunks: Buffer[] = [];
      stream.on('error', reject);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        resolve(Buffer.concat(chunks));
      });
    });
  });
}
