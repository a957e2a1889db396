import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dist, root } from './paths.js';
import { absolute, type Product } from './product.js';
import type { TaskDefinition } from './task-definition.js';

/**
 * `release` goes to the Marketplace. `dev` installs beside it: another extension id, other task ids and names, and
 * another endpoint type, whose names are unique over the whole Marketplace.
 */
export type Flavour = 'release' | 'dev';

const ENDPOINT_TYPE = 'jobPatIssuer';

export interface Manifest extends Record<string, unknown> {
  readonly id: string;
  readonly publisher: string;
  readonly name: string;
  readonly contributions: readonly {
    readonly type: string;
    readonly properties: { readonly name: string; readonly supportsTasks?: readonly string[] };
  }[];
}

/** Where the extension of this flavour is laid out for packing. */
export function stagedExtension(flavour: Flavour): string {
  return join(dist, flavour === 'dev' ? 'extension-dev' : 'extension');
}

/** The extension manifest with its version, its publisher, and links to where the product lives. */
export async function readManifest(flavour: Flavour, product: Product): Promise<Manifest> {
  const source = await readFile(join(root, 'vss-extension.json'), 'utf8');
  const text = source
    .replaceAll('{repository}', product.repository)
    .replaceAll('{issues}', product.issues)
    // A link stands alone in its object; the page of the tab is a file of the package.
    .replace(
      /\{ "uri": "(?!https:)([^"]+)" \}/g,
      (_, path: string) => `{ "uri": "${absolute(path, product)}" }`,
    );
  const manifest = JSON.parse(flavour === 'dev' ? withDevEndpointType(text) : text) as Manifest;
  const files = [
    ...(Array.isArray(manifest['files']) ? (manifest['files'] as unknown[]) : []),
    { path: 'NOTICE.txt' },
    { path: 'sbom.cdx.json' },
  ];
  const { version, publisher } = product;
  const versioned = { ...manifest, version, publisher, files };
  if (flavour === 'release') return versioned;
  return {
    ...versioned,
    id: `${manifest.id}-dev`,
    name: `${manifest.name} (dev)`,
    galleryFlags: ['Private'],
    contributions: versioned.contributions.map(contribution => {
      const { supportsTasks, ...properties } = contribution.properties;
      return supportsTasks === undefined
        ? contribution
        : { ...contribution, properties: { ...properties, supportsTasks: supportsTasks.map(devId) } };
    }),
  };
}

/** The task as this flavour names it. */
export function flavoured(definition: TaskDefinition, flavour: Flavour): TaskDefinition {
  if (flavour === 'release') return definition;
  const dev = JSON.parse(withDevEndpointType(JSON.stringify(definition))) as TaskDefinition;
  return { ...dev, id: devId(dev.id), name: `${dev.name}Dev`, friendlyName: `${dev.friendlyName} (dev)` };
}

function withDevEndpointType(json: string): string {
  return json.replaceAll(new RegExp(`\\b${ENDPOINT_TYPE}\\b`, 'g'), `${ENDPOINT_TYPE}Dev`);
}

/** A GUID that is always the same for the same task. */
function devId(id: string): string {
  const hex = createHash('sha256').update(`${id} dev`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
