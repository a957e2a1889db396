import { createHash } from 'node:crypto';
import { parameterOf } from '../http/call.js';
import { textReply, type Reply } from '../http/reply.js';
import {
  badPackage,
  fileReply,
  packageNotFound,
  published,
  type FeedCall,
  type FeedRoute,
} from './access.js';
import { multipart } from './multipart.js';

/** A Python index of a feed: the simple repository API (PEP 503), and the upload as twine sends it. */
export const pypiRoutes: readonly FeedRoute[] = [
  { does: 'read', method: 'GET', path: '/pypi/simple', answer: projects },
  { does: 'read', method: 'GET', path: '/pypi/simple/', answer: projects },
  { does: 'read', method: 'GET', path: '/pypi/simple/{package}', answer: files },
  { does: 'read', method: 'GET', path: '/pypi/simple/{package}/', answer: files },
  { does: 'read', method: 'GET', path: '/pypi/download/{package}/{version}/{file}', answer: download },
  { does: 'publish', method: 'POST', path: '/pypi/upload', answer: upload },
  { does: 'publish', method: 'POST', path: '/pypi/upload/', answer: upload },
];

/** Letters, digits and inner `._-`, as PEP 508 has it. */
const NAME = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i;
const FILE = /^[\w.+!-]{1,200}\.(?:whl|tar\.gz|zip)$/;

/** PEP 503: names that differ in case and in runs of `-_.` are one name. */
function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

function projects({ feed, url }: FeedCall): Reply {
  const names = new Set(feed.below('pypi/').map(path => path.split('/')[0] ?? ''));
  return page(
    'Simple index',
    [...names].map(name => link(`${url}/pypi/simple/${name}/`, name)),
  );
}

function files({ call, feed, url }: FeedCall): Reply {
  const name = normalized(parameterOf(call, 'package'));
  const found = feed.below(`pypi/${name}/`);
  if (found.length === 0) return packageNotFound(name, feed);
  const links = found.map(file => {
    const content = feed.get(`pypi/${name}/${file}`) ?? Buffer.alloc(0);
    const digest = createHash('sha256').update(content).digest('hex');
    const version = versionIn(file);
    const place = `${url}/pypi/download/${name}/${encodeURIComponent(version)}/${encodeURIComponent(file)}`;
    return link(`${place}#sha256=${digest}`, file);
  });
  return page(`Links for ${name}`, links);
}

function download({ call, feed }: FeedCall): Reply {
  const name = normalized(parameterOf(call, 'package'));
  const file = parameterOf(call, 'file');
  const content =
    versionIn(file) === parameterOf(call, 'version') ? feed.get(`pypi/${name}/${file}`) : undefined;
  return content ? fileReply(content) : packageNotFound(name, feed);
}

/** The legacy upload API of PyPI: a form with the metadata and the file as `content`. */
function upload({ call, feed }: FeedCall): Reply {
  const parts = multipart(call) ?? [];
  const text = (name: string): string =>
    parts.find(part => part.name === name)?.content.toString('utf8') ?? '';
  const file = parts.find(part => part.name === 'content');
  const name = text('name');
  const fileName = file?.fileName ?? '';
  if (text(':action') !== 'file_upload' || !file || !NAME.test(name) || !FILE.test(fileName))
    return badPackage('An upload carries the name of the project and a wheel or a source archive.');
  const digest = createHash('sha256').update(file.content).digest('hex');
  const told = text('sha256_digest');
  if (told !== '' && told !== digest) return badPackage('The digest is not the one of the file.');
  return published(feed.put(`pypi/${normalized(name)}/${fileName}`, file.content), fileName, feed);
}

/** The second part of the name of a wheel; of a source archive what stands behind the last hyphen. */
function versionIn(file: string): string {
  const stem = file.replace(/\.(?:whl|tar\.gz|zip)$/, '');
  const parts = stem.split('-');
  return (file.endsWith('.whl') ? parts[1] : parts.at(-1)) ?? '';
}

function page(title: string, links: readonly string[]): Reply {
  const body = links.map(each => `    ${each}<br/>`).join('\n');
  return textReply(
    200,
    'text/html; charset=utf-8',
    `<!DOCTYPE html>\n<html>\n  <head><title>${title}</title></head>\n  <body>\n${body}\n  </body>\n</html>\n`,
  );
}

/** Neither an address nor a name holds a character with a meaning in HTML: both were checked or encoded. */
function link(address: string, text: string): string {
  return `<a href="${address}">${text}</a>`;
}
