import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { readPackageFiles } from '#local-agent/package-files';

/** The first moment that a zip can hold, unless SOURCE_DATE_EPOCH (seconds, UTC) names another. */
function moment(): Date {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const utc = epoch === undefined ? new Date(Date.UTC(1980, 0, 1)) : new Date(Number(epoch) * 1000);
  // A zip holds local time; the same digits have to stand in it everywhere.
  return new Date(
    utc.getUTCFullYear(),
    utc.getUTCMonth(),
    utc.getUTCDate(),
    utc.getUTCHours(),
    utc.getUTCMinutes(),
    utc.getUTCSeconds(),
  );
}

/**
 * Writes a zip anew so that two builds of the same files are the same bytes: entries by name, one time, one mode.
 */
export async function makeReproducible(path: string): Promise<void> {
  const mtime = moment();
  const entries = [...(await readPackageFiles(path))].sort(([a], [b]) => (a < b ? -1 : 1));
  const zip = new ZipFile();
  for (const [name, content] of entries)
    zip.addBuffer(content, name, { mtime, mode: 0o100644, forceDosTimestamp: true });
  zip.end();
  const fresh = `${path}.new`;
  await pipeline(zip.outputStream, createWriteStream(fresh));
  await rename(fresh, path);
}
