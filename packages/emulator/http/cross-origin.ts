import type { IncomingMessage } from 'node:http';
import { emptyReply, type Headers, type Reply } from './reply.js';

/** Extensions of the web portal run in pages of another origin: Azure DevOps lets them read its answers. */
export function crossOriginHeaders({ headers }: IncomingMessage): Headers {
  return headers.origin === undefined ? {} : { 'Access-Control-Allow-Origin': '*' };
}

/** What a browser asks before it sends a credential to another origin; undefined for any other request. */
export function preflightReply({ method, headers }: IncomingMessage): Reply | undefined {
  if (method !== 'OPTIONS' || headers.origin === undefined) return undefined;
  return emptyReply(204, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'OPTIONS,GET,POST,PATCH,PUT,DELETE',
    'Access-Control-Allow-Headers': 'authorization,accept,content-type',
    'Access-Control-Max-Age': '3600',
  });
}
