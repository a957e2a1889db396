import { headerOf, queryOf, type Call } from '../http/call.js';
import { jsonReply, type Headers, type Reply } from '../http/reply.js';
import { badRequest } from './refusals.js';

/** The API version that a request names in its query or its Accept header; undefined when it names none. */
export function versionOf(call: Call): string | undefined {
  return (
    queryOf(call, 'api-version') ?? /;\s*api-version=([^;,\s]+)/i.exec(headerOf(call, 'accept') ?? '')?.[1]
  );
}

/** A 200 that names the version it is made for in its content type. */
export function versioned(call: Call, body: unknown, headers: Headers = {}): Reply {
  const contentType = `application/json; charset=utf-8; api-version=${versionOf(call) ?? ''}`;
  return jsonReply(200, body, { 'Content-Type': contentType, ...headers });
}

/** Refuses a version of a resource that is released as 7.0 and 7.1, with previews up to 7.2. */
export function refuseReleasedVersion(call: Call): Reply | undefined {
  const released = /^7\.(?:[01]|[012]-preview(?:\.\d+)?)$/.test(versionOf(call) ?? '');
  return released ? undefined : refuseVersion(call, ['7.2']);
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
