import { createHash } from 'node:crypto';
import { parameterOf, type Call } from '../http/call.js';
import { jsonReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import { sampleName } from '../organizations.js';
import { withScope, type Entry } from './access.js';
import { serviceError } from './refusals.js';
import type { Service } from './service.js';
import { tarball } from './tarball.js';

/** The one package of every feed. */
export const samplePackage = { name: 'hello-feed', version: '1.0.0' } as const;

const manifest = { ...samplePackage, description: 'A package to read with a PAT.', main: 'index.js' };
const archive = tarball({
  'package/package.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
  'package/index.js': "module.exports = 'hello from the feed';\n",
});

/** An npm registry for each feed, readable with `vso.packaging`: `/{organization}/_packaging/{feed}/npm/registry/`. */
export function packageRoutes(service: Service): Route[] {
  const readable = (answer: (call: Call, entry: Entry) => Reply): Route['handle'] =>
    withScope(service, 'vso.packaging', (call, entry) => {
      const found =
        parameterOf(call, 'feed').toLowerCase() === entry.organization.feed &&
        parameterOf(call, 'package') === samplePackage.name;
      return found ? answer(call, entry) : notFound(call);
    });
  const feeds = [
    '/{organization}/_packaging/{feed}/npm/registry',
    `/{organization}/${sampleName}/_packaging/{feed}/npm/registry`,
  ];
  return feeds.flatMap((feed): Route[] => [
    {
      operation: 'packages',
      method: 'GET',
      path: `${feed}/{package}`,
      handle: readable(call => packument(`${service.origin()}${call.path}`)),
    },
    {
      operation: 'packages',
      method: 'GET',
      path: `${feed}/{package}/-/{file}`,
      handle: readable(() => ({
        status: 200,
        headers: { 'Content-Type': 'application/octet-stream' },
        body: archive,
      })),
    },
  ]);
}

/** What npm reads first: all versions, and where their archives are. */
function packument(url: string): Reply {
  const { name, version } = samplePackage;
  const dist = {
    tarball: `${url}/-/${name}-${version}.tgz`,
    shasum: createHash('sha1').update(archive).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(archive).digest('base64')}`,
  };
  return jsonReply(200, {
    _id: name,
    name,
    description: manifest.description,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
  });
}

function notFound(call: Call): Reply {
  const { feed, package: name } = call.parameters;
  return serviceError({
    status: 404,
    typeKey: 'PackageNotFoundException',
    message: `The package '${name ?? ''}' cannot be found in feed '${feed ?? ''}'.`,
  });
}
