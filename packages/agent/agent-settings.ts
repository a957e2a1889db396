import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { asObject, asText, parseJson } from '#text/json';

/** What an agent was configured with, as the files in its root folder say. No variable can change them. */
export interface AgentSettings {
  readonly proxyUrl: string | undefined;
  /** Regular expressions; the agent adds those of its `no_proxy`. */
  readonly proxyBypass: readonly string[];
  /** Absolute paths; empty where there is none. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** No certificate file with its whole chain, and no list of hosts, comes near it. */
const LARGEST_FILE = 1024 * 1024;

/** A task runs on `externals/node20_1/bin/node` below the agent's root folder. */
const NODE_OF_AGENT = /^(.+)[\\/]externals[\\/]node[^\\/]*[\\/](?:bin[\\/])?node(?:\.exe)?$/i;

/**
 * The agent's own settings, found from the program that runs this task and never from a variable.
 *
 * @returns undefined where that place cannot be read: in a container, where only `externals` is mounted, and where the task
 *   runs on a Node.js of somebody else
 */
export function readAgentSettings(program: string): AgentSettings | undefined {
  const root = NODE_OF_AGENT.exec(program)?.[1];
  if (root === undefined) return undefined;
  const lines = (name: string) =>
    (readBounded(resolve(root, name)) ?? '')
      .split(/\r?\n/)
      .map(line => line.trim())
      .filter(line => line !== '');
  const certificates = asObject(parseJson(readBounded(resolve(root, '.certificates')) ?? ''));
  // The agent writes names in camel case, and reads them in any.
  const path = (name: string) => {
    const named = Object.entries(certificates ?? {}).find(([key]) => key.toLowerCase() === name);
    const text = (asText(named?.[1]) ?? '').trim();
    return text === '' ? '' : resolve(root, text);
  };
  return {
    proxyUrl: lines('.proxy')[0],
    proxyBypass: lines('.proxybypass'),
    caFile: path('cacert'),
    certFile: path('clientcert'),
    keyFile: path('clientcertprivatekey'),
  };
}

/** The text of a file. A device, a pipe or a file that is too large is none: reading it might never end. */
export function readBounded(path: string): string | undefined {
  let file: number | undefined;
  try {
    // Opening a pipe would wait for somebody who writes.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > LARGEST_FILE) return undefined;
    const bytes = Buffer.alloc(stat.size);
    let size = 0;
    for (let read = -1; read !== 0 && size < bytes.length; size += read)
      read = readSync(file, bytes, size, bytes.length - size, size);
    return bytes.toString('utf8', 0, size).replace(/^\uFEFF/, '');
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
