import { chmod, copyFile, link, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { delimiter, dirname, join, sep } from 'node:path';
import type { JobOptions } from './job-options.js';
import { nodeFolders, type NodeFolder } from './nodes.js';

type Configuration = Pick<
  JobOptions,
  'proxy' | 'caFile' | 'clientCertificate' | 'skipCertificateCheck' | 'node' | 'nodes' | 'collectionUrl'
>;

/** Where the agent below this root expects the Node.js of a folder. */
export function nodeBinary(root: string, folder: NodeFolder): string {
  return join(root, 'externals', folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * Lays out the root of an agent: what it was configured with (`.agent`, `.certificates`, `.proxy`, `.proxybypass`),
 * and its own Node.js binaries, so that `process.execPath` of a task lies below it. A binary that is not there
 * leaves its folder out.
 */
export async function layOutAgentRoot(root: string, configuration: Configuration): Promise<void> {
  for (const name of ['.certificates', '.proxy', '.proxybypass', '.proxycredentials'])
    await rm(join(root, name), { force: true });
  for (const [name, content] of configurationFiles(root, configuration)) {
    await writeFile(join(root, name), content);
  }
  await layOutNodes(root, configuration);
}

/** Puts the Node.js binaries alone below a root: all that a container sees of the agent's folder. */
export async function layOutNodes(root: string, { node, nodes }: Configuration): Promise<void> {
  for (const folder of nodeFolders) {
    const wanted = nodes?.[folder];
    if (wanted === null) continue;
    const source = await findBinary(wanted ?? node ?? process.execPath);
    if (source !== undefined) await placeBinary(source, nodeBinary(root, folder));
  }
}

function configurationFiles(root: string, configuration: Configuration): [name: string, content: string][] {
  const { proxy, collectionUrl } = configuration;
  const certificates = certificatesOf(configuration);
  const agent = { agentId: 9, agentName: 'Azure Pipelines 1', poolId: 1, serverUrl: collectionUrl };
  const files: [string, string][] = [['.agent', json({ ...agent, workFolder: join(root, '_work') })]];
  if (Object.keys(certificates).length > 0) files.push(['.certificates', json(certificates)]);
  if (proxy === undefined || proxy.from === 'environment') return files;
  files.push(['.proxy', proxy.basicAuthentication === true ? `${proxy.url}\nbasicauth=true` : proxy.url]);
  if (proxy.bypass !== undefined) files.push(['.proxybypass', `${proxy.bypass.join('\n')}\n`]);
  if (proxy.password !== undefined) files.push(['.proxycredentials', randomUUID().toUpperCase()]);
  return files;
}

/** The agent writes the names of its members in camel case, here as in `.agent`. */
function certificatesOf({ caFile, clientCertificate, skipCertificateCheck }: Configuration): object {
  return {
    ...(skipCertificateCheck === true && { skipServerCertValidation: true }),
    ...(caFile !== undefined && { caCert: caFile }),
    ...(clientCertificate !== undefined && {
      clientCert: clientCertificate.certificate,
      clientCertPrivatekey: clientCertificate.key,
      clientCertArchive: clientCertificate.archive,
      ...(clientCertificate.password !== undefined && {
        clientCertPasswordLookupKey: randomUUID().toUpperCase(),
      }),
    }),
  };
}

function json(value: object): string {
  return JSON.stringify(value, undefined, 2);
}

/** A bare name is looked up in PATH; links are followed, as Node does for `process.execPath`. */
async function findBinary(file: string): Promise<string | undefined> {
  const candidates = file.includes(sep)
    ? [file]
    : (process.env['PATH'] ?? '').split(delimiter).map(folder => join(folder, file));
  const found = candidates.find(candidate => existsSync(candidate));
  return found === undefined ? undefined : realpath(found);
}

/** A hard link costs nothing; another file system, or another's file, takes a copy. */
async function placeBinary(source: string, target: string): Promise<void> {
  if (existsSync(target)) return;
  await mkdir(dirname(target), { recursive: true });
  try {
    await link(source, target);
  } catch {
    await copyFile(source, target);
    await chmod(target, 0o755);
  }
}
