import { createHash } from 'node:crypto';
import { readJson } from '../devops/json-body.js';
import { parameterOf, type Call } from '../http/call.js';
import { jsonReply, type Reply } from '../http/reply.js';
import {
  badPackage,
  fileReply,
  packageNotFound,
  published,
  type FeedCall,
  type FeedRoute,
} from './access.js';
import type { Feed } from './feeds.js';

const registry = '/npm/registry';
/** npm sends a name with a scope as one segment, the slash encoded; in the addresses of archives it is two. */
const names = ['{package}', '{scope}/{package}'];

/** The npm registry of a feed (npm/registry, REGISTRY-API): metadata, archives, publish. */
export const npmRoutes: readonly FeedRoute[] = names.flatMap((name): FeedRoute[] => [
  { does: 'read', method: 'GET', path: `${registry}/${name}`, answer: packument },
  { does: 'read', method: 'GET', path: `${registry}/${name}/-/{file}`, answer: archive },
  { does: 'publish', method: 'PUT', path: `${registry}/${name}`, answer: publish },
]);

function nameOf({ parameters }: Call): string {
  const { scope, package: name = '' } = parameters;
  return (scope === undefined ? name : `${scope}/${name}`).toLowerCase();
}

/** What npm reads first: all versions, and where their archives are. */
function packument({ call, feed, url }: FeedCall): Reply {
  const name = nameOf(call);
  const versions = versionsOf(feed, name);
  const latest = versions.at(-1);
  if (latest === undefined) return packageNotFound(name, feed);
  const tags = memberOf(jsonOf(feed.get(`npm/${name}/tags`)), 'tags') ?? {};
  return jsonReply(200, {
    _id: name,
    name,
    'dist-tags': { latest, ...tags },
    versions: Object.fromEntries(
      versions.map(version => {
        const content = feed.get(`npm/${name}/${version}.tgz`) ?? Buffer.alloc(0);
        const manifest = jsonOf(feed.get(`npm/${name}/${version}.json`)) ?? {};
        const dist = {
          tarball: `${url}${registry}/${name}/-/${archiveName(name, version)}`,
          shasum: createHash('sha1').update(content).digest('hex'),
          integrity: `sha512-${createHash('sha512').update(content).digest('base64')}`,
        };
        return [version, { ...manifest, _id: `${name}@${version}`, dist }];
      }),
    ),
  });
}

function archive({ call, feed }: FeedCall): Reply {
  const name = nameOf(call);
  const file = parameterOf(call, 'file');
  const version = versionsOf(feed, name).find(each => archiveName(name, each) === file);
  const content = version === undefined ? undefined : feed.get(`npm/${name}/${version}.tgz`);
  return content ? fileReply(content) : packageNotFound(name, feed);
}

/** One version comes as its manifest, and its archive as base64 in an attachment. */
function publish({ call, feed }: FeedCall): Reply {
  const read = readJson(call);
  if ('refusal' in read) return read.refusal;
  const name = nameOf(call);
  const [first, ...moreVersions] = entriesOf(memberOf(read.body, 'versions'));
  const [version, manifest] = first ?? ['', undefined];
  const [attachment, ...moreAttachments] = entriesOf(memberOf(read.body, '_attachments'));
  const data = entriesOf(attachment?.[1]).find(([key]) => key === 'data')?.[1];
  const isWhole = isObject(manifest) && typeof data === 'string' && isVersion(version);
  if (!isWhole || moreVersions.length + moreAttachments.length > 0)
    return badPackage('A publish carries the manifest and the archive of one version.');
  const path = `npm/${name}/${version}`;
  const outcome = feed.put(`${path}.tgz`, Buffer.from(data, 'base64'));
  if (outcome === 'stored') {
    feed.put(`${path}.json`, Buffer.from(JSON.stringify(manifest)));
    const tags = {
      ...memberOf(jsonOf(feed.get(`npm/${name}/tags`)), 'tags'),
      ...memberOf(read.body, 'dist-tags'),
    };
    feed.put(`npm/${name}/tags`, Buffer.from(JSON.stringify({ tags })), { replace: true });
  }
  const reply = published(outcome, archiveName(name, version), feed, 403);
  return outcome === 'stored' ? jsonReply(200, { success: true }) : reply;
}

function versionsOf(feed: Feed, name: string): string[] {
  return feed
    .below(`npm/${name}/`)
    .filter(file => file.endsWith('.tgz') && !file.includes('/'))
    .map(file => file.slice(0, -'.tgz'.length));
}

function archiveName(name: string, version: string): string {
  return `${name.split('/').at(-1) ?? name}-${version}.tgz`;
}

function isVersion(text: string): boolean {
  return /^\d+\.\d+\.\d+[\w.+-]*$/.test(text);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

function memberOf(value: unknown, name: string): object | undefined {
  const member = entriesOf(value).find(([key]) => key === name)?.[1];
  return isObject(member) ? member : undefined;
}

/** What the feed itself has written, or read as JSON before. */
function jsonOf(content: Buffer | undefined): object | undefined {
  const value: unknown = content === undefined ? undefined : JSON.parse(content.toString('utf8'));
  return isObject(value) ? value : undefined;
}
