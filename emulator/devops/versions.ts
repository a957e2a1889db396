import { headerOf, queryOf, type Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import { badRequest } from './refusals.js';

/** The API version that a request names in its query or its Accept header; undefined when it names none. */
export function versionOf(call: Call): string | undefined {
  return (
    queryOf(call, 'api-version') ?? /;\s*api-version=([^;,\s]+)/i.exec(headerOf(call, 'accept') ?? '')?.[1]
  );
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
