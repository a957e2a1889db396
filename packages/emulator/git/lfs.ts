import { createHash } from 'node:crypto';
import { parameterOf, type Call } from '../http/call.js';
import { emptyReply, jsonReply, type Reply } from '../http/reply.js';
import type { Route } from '../http/router.js';
import type { Repository } from './repositories.js';

const MOST_OBJECTS = 100;
const MOST_BYTES = 64 * 1024 * 1024;

/** Wraps what a scope of the caller and a repository that exists are needed for. */
type Serving = (
  scope: string,
  answer: (call: Call, repository: Repository) => Reply | Promise<Reply>,
) => Route['handle'];

interface Wanted {
  readonly oid: string;
  readonly size: number;
}

/**
 * Large files of a repository (Git LFS, batch API, transfer adapter "basic"). The client puts `.git/info/lfs` behind the
 * address of the repository. The addresses of the files are on the same host and carry no credential of their own.
 *
 * @param place path of a repository, as a template
 */
export function lfsRoutes(place: string, origin: () => string, guarded: Serving): Route[] {
  const serving: Serving = (scope, answer) => call => guarded(scope, answer)(withoutSuffix(call));
  const objects = new Map<string, Buffer>();
  let bytes = 0;
  const keyOf = ({ id }: Repository, oid: string): string => `${id}/${oid}`;

  const batch = (operation: 'download' | 'upload') => (call: Call, repository: Repository) =>
    batchReply(call, operation, ({ oid, size }) => {
      const known = objects.get(keyOf(repository, oid));
      const href = `${origin()}${call.path.replace(/\/batch$/, '')}/${oid}`;
      if (operation === 'upload') return { oid, size, ...(known ? {} : { actions: { upload: { href } } }) };
      return known
        ? { oid, size: known.length, actions: { download: { href } } }
        : { oid, size, error: { code: 404, message: 'The object does not exist.' } };
    });
  const download = (call: Call, repository: Repository): Reply => {
    const found = objects.get(keyOf(repository, parameterOf(call, 'oid')));
    return found
      ? { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: found }
      : emptyReply(404);
  };
  const upload = (call: Call, repository: Repository): Reply => {
    const oid = parameterOf(call, 'oid');
    if (createHash('sha256').update(call.body).digest('hex') !== oid) return emptyReply(422);
    const key = keyOf(repository, oid);
    if (objects.has(key)) return emptyReply(200);
    if (objects.size >= MOST_OBJECTS || bytes + call.body.length > MOST_BYTES) return emptyReply(507);
    objects.set(key, call.body);
    bytes += call.body.length;
    return emptyReply(200);
  };

  const path = `${place}/info/lfs/objects`;
  return [
    // What is asked for stands in the body, and with it the scope.
    {
      operation: 'git.lfs',
      method: 'POST',
      path: `${path}/batch`,
      handle: call =>
        operationOf(call) === 'upload'
          ? serving('vso.code_write', batch('upload'))(call)
          : serving('vso.code', batch('download'))(call),
    },
    { operation: 'git.lfs', method: 'GET', path: `${path}/{oid}`, handle: serving('vso.code', download) },
    { operation: 'git.lfs', method: 'PUT', path: `${path}/{oid}`, handle: serving('vso.code_write', upload) },
  ];
}

/** The same request for `repository` in place of `repository.git`. */
function withoutSuffix(call: Call): Call {
  const repository = parameterOf(call, 'repository').replace(/\.git$/i, '');
  return { ...call, parameters: { ...call.parameters, repository } };
}

function operationOf(call: Call): unknown {
  return membersOf(parsed(call)).get('operation');
}

function batchReply(call: Call, operation: string, answer: (wanted: Wanted) => object): Reply {
  const listed = membersOf(parsed(call)).get('objects');
  const wanted = Array.isArray(listed) ? listed.map(wantedOf) : [];
  if (operationOf(call) !== operation || wanted.length > MOST_OBJECTS || wanted.includes(undefined))
    return lfsReply(422, { message: 'The batch cannot be read.' });
  const objects = wanted.flatMap(each => (each ? [answer(each)] : []));
  return lfsReply(200, { transfer: 'basic', objects });
}

function lfsReply(status: number, body: object): Reply {
  const reply = jsonReply(status, body);
  return { ...reply, headers: { 'Content-Type': 'application/vnd.git-lfs+json' } };
}

function wantedOf(value: unknown): Wanted | undefined {
  const members = membersOf(value);
  const [oid, size] = [members.get('oid'), members.get('size')];
  return typeof oid === 'string' && /^[0-9a-f]{64}$/.test(oid) && typeof size === 'number'
    ? { oid, size }
    : undefined;
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function parsed({ body }: Call): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
