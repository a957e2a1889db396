import { createHash } from 'node:crypto';
import { parameterOf } from '../http/call.js';
import { type Reply } from '../http/reply.js';
import {
  badPackage,
  fileReply,
  packageNotFound,
  published,
  type FeedCall,
  type FeedRoute,
} from './access.js';

const path = '/maven/v1/{rest*}';

/** A Maven repository of a feed: files by their path. Checksums that nobody sent are made when they are asked for. */
export const mavenRoutes: readonly FeedRoute[] = [
  { does: 'read', method: 'GET', path, answer: read },
  { does: 'publish', method: 'PUT', path, answer: put },
];

const CHECKSUM = /^(.+)\.(md5|sha1|sha256|sha512)$/;
/** `group/…/artifact/version/file`, each a name without a meaning for a file system. */
const PLACE = /^(?:[\w.+-]+\/){2,20}[\w.+-]+$/;

function read({ call, feed }: FeedCall): Reply {
  const file = parameterOf(call, 'rest');
  const found = feed.get(`maven/${file}`);
  if (found) return fileReply(found);
  const [, of = '', kind = ''] = CHECKSUM.exec(file) ?? [];
  const summed = kind === '' ? undefined : feed.get(`maven/${of}`);
  return summed
    ? fileReply(Buffer.from(createHash(kind).update(summed).digest('hex')))
    : packageNotFound(file, feed);
}

function put({ call, feed }: FeedCall): Reply {
  const file = parameterOf(call, 'rest');
  if (!PLACE.test(file) || file.split('/').includes('..'))
    return badPackage('This is no path of an artifact.');
  const name = file.split('/').at(-1) ?? '';
  return published(
    feed.put(`maven/${file}`, call.body, { replace: name.startsWith('maven-metadata.xml') }),
    name,
    feed,
  );
}
