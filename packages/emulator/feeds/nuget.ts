import { parameterOf, queryOf } from '../http/call.js';
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
import { multipart } from './multipart.js';
import { readNuGetPackage } from './nuspec.js';

const flat = '/nuget/v3/flat2';
const registrations = '/nuget/v3/registrations2-semver2';
const query = '/nuget/v3/query2';
const push = '/nuget/v2';

/** A NuGet feed (NuGet server API, version 3): the index of its services, package contents, metadata, search, push. */
export const nugetRoutes: readonly FeedRoute[] = [
  { does: 'read', method: 'GET', path: '/nuget/v3/index.json', answer: serviceIndex },
  { does: 'read', method: 'GET', path: `${flat}/{id}/index.json`, answer: versions },
  { does: 'read', method: 'GET', path: `${flat}/{id}/{version}/{file}`, answer: content },
  { does: 'read', method: 'GET', path: `${registrations}/{id}/index.json`, answer: registration },
  { does: 'read', method: 'GET', path: query, answer: search },
  { does: 'read', method: 'GET', path: `${query}/`, answer: search },
  { does: 'publish', method: 'PUT', path: push, answer: publish },
  { does: 'publish', method: 'PUT', path: `${push}/`, answer: publish },
];

function serviceIndex({ url }: FeedCall): Reply {
  const resource = (path: string, ...types: string[]) =>
    types.map(type => ({ '@id': `${url}${path}/`, '@type': type }));
  return jsonReply(200, {
    version: '3.0.0',
    resources: [
      ...resource(push, 'PackagePublish/2.0.0'),
      ...resource(flat, 'PackageBaseAddress/3.0.0'),
      ...resource(
        registrations,
        'RegistrationsBaseUrl',
        'RegistrationsBaseUrl/3.6.0',
        'RegistrationsBaseUrl/Versioned',
      ),
      ...resource(
        query,
        'SearchQueryService',
        'SearchQueryService/3.0.0-beta',
        'SearchQueryService/3.0.0-rc',
      ),
    ],
  });
}

function versions({ call, feed }: FeedCall): Reply {
  const id = parameterOf(call, 'id').toLowerCase();
  const found = versionsOf(feed, id);
  return found.length > 0 ? jsonReply(200, { versions: found }) : packageNotFound(id, feed);
}

function content({ call, feed }: FeedCall): Reply {
  const id = parameterOf(call, 'id').toLowerCase();
  const file = parameterOf(call, 'file').toLowerCase();
  const found = feed.get(`nuget/${id}/${parameterOf(call, 'version').toLowerCase()}/${file}`);
  return found ? fileReply(found) : packageNotFound(id, feed);
}

/** One page with all versions, written into the index itself. */
function registration({ call, feed, url }: FeedCall): Reply {
  const id = parameterOf(call, 'id').toLowerCase();
  const found = versionsOf(feed, id);
  const [lower] = found;
  if (lower === undefined) return packageNotFound(id, feed);
  const index = `${url}${registrations}/${id}/index.json`;
  const items = found.map(version => {
    const packageContent = `${url}${flat}/${id}/${version}/${id}.${version}.nupkg`;
    const leaf = `${url}${registrations}/${id}/${version}.json`;
    const catalogEntry = {
      '@id': leaf,
      id,
      version,
      packageContent,
      listed: true,
      description: id,
      authors: '',
    };
    return { '@id': leaf, catalogEntry, packageContent, registration: index };
  });
  const page = { '@id': `${index}#page`, count: items.length, lower, upper: found.at(-1), items };
  return jsonReply(200, { '@id': index, count: 1, items: [page] });
}

function search({ call, feed, url }: FeedCall): Reply {
  const asked = (queryOf(call, 'q') ?? '').toLowerCase();
  const ids = new Set(feed.below('nuget/').map(path => path.split('/')[0] ?? ''));
  const data = [...ids]
    .filter(id => id.includes(asked))
    .map(id => {
      const found = versionsOf(feed, id);
      const index = `${url}${registrations}/${id}/index.json`;
      const each = found.map(version => ({
        version,
        downloads: 0,
        '@id': `${url}${registrations}/${id}/${version}.json`,
      }));
      return {
        '@id': index,
        registration: index,
        id,
        version: found.at(-1),
        description: id,
        versions: each,
      };
    });
  return jsonReply(200, { totalHits: data.length, data });
}

async function publish({ call, feed }: FeedCall): Promise<Reply> {
  const [part] = multipart(call) ?? [];
  const found = part && (await readNuGetPackage(part.content));
  if (!found) return badPackage('A push carries one package.');
  const id = found.id.toLowerCase();
  const folder = `nuget/${id}/${found.version}`;
  const file = `${id}.${found.version}.nupkg`;
  const outcome = feed.put(`${folder}/${file}`, part.content);
  if (outcome === 'stored') feed.put(`${folder}/${id}.nuspec`, found.nuspec);
  return published(outcome, file, feed);
}

function versionsOf(feed: Feed, id: string): string[] {
  const found = feed
    .below(`nuget/${id}/`)
    .flatMap(path => (path.endsWith('.nupkg') ? [path.split('/')[0] ?? ''] : []));
  return [...new Set(found)];
}
