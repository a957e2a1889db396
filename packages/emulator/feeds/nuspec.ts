import { fromBuffer, type Entry, type ZipFile } from 'yauzl';

/** What a feed has to know of a .nupkg. */
export interface NuGetPackage {
  readonly id: string;
  readonly version: string;
  /** The manifest as it is in the package. */
  readonly nuspec: Buffer;
}

const LONGEST_NUSPEC = 1024 * 1024;
const MOST_ENTRIES = 10_000;

/** Reads the manifest of a .nupkg; undefined when it is none. */
export async function readNuGetPackage(content: Buffer): Promise<NuGetPackage | undefined> {
  const nuspec = await manifestIn(content).catch(() => undefined);
  const text = nuspec?.toString('utf8') ?? '';
  const id = /<id>\s*([\w.-]{1,100})\s*<\/id>/.exec(text)?.[1];
  const version = /<version>\s*([\w.+-]{1,64})\s*<\/version>/.exec(text)?.[1];
  return nuspec && id !== undefined && version !== undefined
    ? { id, version: normalizedVersion(version), nuspec }
    : undefined;
}

/** As NuGet compares versions: no leading zeros, three parts, a fourth only when it is not 0, no build metadata. */
function normalizedVersion(version: string): string {
  const [plain = ''] = version.toLowerCase().split('+');
  const dash = plain.indexOf('-');
  const numbers = (dash < 0 ? plain : plain.slice(0, dash)).split('.').map(part => String(Number(part)));
  while (numbers.length < 3) numbers.push('0');
  if (numbers.length === 4 && numbers[3] === '0') numbers.pop();
  return `${numbers.join('.')}${dash < 0 ? '' : plain.slice(dash)}`;
}

function manifestIn(content: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    fromBuffer(content, { lazyEntries: true }, (error, archive) => {
      if (error) {
        reject(error);
        return;
      }
      let seen = 0;
      archive.on('error', reject);
      archive.on('end', () => {
        resolve(undefined);
      });
      archive.on('entry', (entry: Entry) => {
        seen += 1;
        const isManifest = /^[^/]+\.nuspec$/i.test(entry.fileName);
        if (seen > MOST_ENTRIES || (isManifest && entry.uncompressedSize > LONGEST_NUSPEC))
          resolve(undefined);
        else if (isManifest) readEntry(archive, entry).then(resolve, reject);
        else archive.readEntry();
      });
      archive.readEntry();
    });
  });
}

function readEntry(archive: ZipFile, entry: Entry): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    archive.openReadStream(entry, (error, stream) => {
      if (error) {
        reject(error);
        return;
      }
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => {
        resolve(Buffer.concat(chunks));
      });
    });
  });
}
