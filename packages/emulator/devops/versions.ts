import { headerOf, queryOf, type Call } from '../http/call.js';
import { jsonReply, type Headers, type Reply } from '../http/reply.js';
import { badRequest } from './refusals.js';

/** The API version that a request names in its query or its Accept header; undefined when it names none. */
export function versionOf(call: Call): string | undefined {
  return (
    queryOf(call, 'api-version') ?? /;\s*api-version=([^;,\s]+)/i.exec(headerOf(call, 'accept') ?? '')?.[1]
  );
}

/** A 200 that names the version it is made for in its content type, where the request names one. */
export function versioned(call: Call, body: unknown, headers: Headers = {}): Reply {
  const version = versionOf(call);
  const contentType = `application/json; charset=utf-8${version === undefined ? '' : `; api-version=${version}`}`;
  return jsonReply(200, body, { 'Content-Type': contentType, ...headers });
}

/** Refuses a version of a resource that is released up to 7.1, with previews up to 7.2; older clients are served. */
export function refuseReleasedVersion(call: Call): Reply | undefined {
  const [, number, preview] = /^([1-7]\.[0-2])(-preview(?:\.\d+)?)?$/.exec(versionOf(call) ?? '') ?? [];
  const offered = number !== undefined && (number !== '7.2' || preview !== undefined);
  return offered ? undefined : refuseVersion(call, ['7.2']);
}

/** Refuses a version of a resource that was never released; a request that names none gets the newest. */
export function refusePreviewVersion(call: Call): Reply | undefined {
  if (versionOf(call) === undefined) return undefined;
  return refuseVersion(call, ['5.0', '5.1', '5.2', '6.0', '6.1', '7.0', '7.1', '7.2']);
}

/** Refuses a version that a preview-only resource does not offer; undefined when all is well. */
export function refuseVersion(call: Call, offered: readonly string[]): Reply | undefined {
  const version = versionOf(call);
  if (version === undefined || version === '') {
    return badRequest(
      `No api-version was supplied for the "${call.method}" request. The version must be supplied either as part of ` +
        'the Accept header (e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").',
      'VssVersionNotSpecifiedException',
    );
  }
  if (offered.some(known => `${known}-preview.1` === version || `${known}-preview` === version))
    return undefined;
  if (offered.includes(version)) {
    return badRequest(
      `The requested version "${version}" of the resource is under preview. The -preview flag must be supplied in ` +
        `the api-version for such requests. For example: "${version}-preview"`,
      'VssInvalidPreviewVersionException',
    );
  }
  return badRequest(
    `The requested REST API version of ${version} is out of range for this server.`,
    'VssVersionOutOfRangeException',
  );
}
