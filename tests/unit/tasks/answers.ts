/** Answers of a service or of something in its place, in the shapes they have been seen in (facts: responses on failure). */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Decides an answer; `usual` carries the request out and gives the answer it deserves. */
export type Answer = (usual: () => Reply) => Reply | Error;

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  const type = { 'content-type': 'application/json; charset=utf-8; api-version=7.1-preview.1' };
  return { status, body: JSON.stringify(value), headers: { ...type, ...headers } };
}

const PAGE = '<!DOCTYPE html><html><head><title>Azure DevOps Services | Sign In</title></head></html>';

export const signInPage =
  (status = 203): Answer =>
  () => ({ status, body: PAGE, headers: { 'content-type': 'text/html; charset=utf-8' } });

export const redirect: Answer = () => ({
  status: 302,
  body: 'Object moved',
  headers: { location: 'https://spsprodeus1.vssps.visualstudio.com/_signin?realm=vssps.dev.azure.com' },
});

export const emptyUnauthorized: Answer = () => ({ status: 401, body: '' });

/** The usual answer behind a byte order mark. */
export const withByteOrderMark: Answer = usual => {
  const reply = usual();
  return { ...reply, body: `\uFEFF${reply.body}` };
};

/** 200, and yet nothing was made. */
export const patTokenError =
  (error: string, status = 200): Answer =>
  () =>
    json(status, { patToken: null, patTokenError: error });

/** An error as Azure DevOps wraps it. */
export const errorMessage =
  (status: number, message: string, typeKey = 'SessionTokenCreateException'): Answer =>
  () =>
    json(status, {
      $id: '1',
      innerException: null,
      message,
      typeName: `Microsoft.VisualStudio.Services.${typeKey}, Microsoft.VisualStudio.Services.WebApi`,
      typeKey,
      errorCode: 0,
      eventId: 3000,
    });

export const throttled =
  (retryAfter: number | string): Answer =>
  () =>
    json(
      429,
      {
        message:
          'TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource.',
      },
      { 'retry-after': String(retryAfter) },
    );

export const unavailable =
  (status = 503, retryAfter?: number): Answer =>
  () => ({
    status,
    body: 'Service Unavailable',
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  });

/** The connection ends before an answer: it stays open whether the request was carried out. */
export function lost(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

export function timedOut(): Error {
  return Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' });
}

export function refusedConnection(): Error {
  return Object.assign(new Error('connect ECONNREFUSED 203.0.113.7:443'), { code: 'ECONNREFUSED' });
}

/** 20 MB that begin like an answer. */
export const flood: Answer = () => ({
  status: 200,
  body: `{"patToken":"${'x'.repeat(20 * 1024 * 1024)}"}`,
  headers: { 'content-type': 'application/json' },
});

/** The usual answer, cut in the middle. */
export const truncated: Answer = usual => {
  const reply = usual();
  return { ...reply, body: reply.body.slice(0, reply.body.length / 2) };
};

/** The recorded answer of a host that does not know a route. */
export function controllerUnknown(): Reply {
  return {
    status: 404,
    body: "The controller for path '/contoso/_apis/build/builds/4711' was not found or does not implement IController.",
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-tfs-serviceerror': 'The+controller+for+path+was+not+found+or+does+not+implement+IController.',
    },
  };
}
