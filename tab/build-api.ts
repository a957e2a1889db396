import {
  asGuid,
  asObject,
  asText,
  objectsOf,
  parseJson,
  type JsonObject,
} from '../tasks/common/text/json.js';

/** A build of the organization. */
export interface BuildPlace {
  /** Without a slash at its end. */
  readonly organizationUrl: string;
  /** Id or name. */
  readonly project: string;
  readonly buildId: number;
}

export interface BuildApi {
  /** The records of a timeline; without an id those of the latest attempts. Empty when there is none. */
  timeline(id?: string): Promise<JsonObject[]>;
  /** The contents of the attachments of a type, and how many more there are than are read. */
  attachments(type: string): Promise<{ readonly contents: readonly string[]; readonly left: number }>;
}

const REQUEST_TIMEOUT = 30_000;
/** An inventory of 10,000 PATs is about 6 MB. */
const LARGEST_ANSWER = 64 * 1024 * 1024;
const MOST_ATTACHMENTS = 20;

/**
 * Reads a build with the token of the tab. Requests go to the organization only, also where an answer links elsewhere;
 * redirects are not followed.
 *
 * @param accessToken gives a token that has not expired
 */
export function buildApi(
  { organizationUrl, project, buildId }: BuildPlace,
  accessToken: () => Promise<string>,
): BuildApi {
  const base = `${organizationUrl}/${encodeURIComponent(project)}/_apis/build/builds/${buildId}`;
  const read = async (path: string): Promise<string> => {
    const reply = await fetch(`${base}/${path}`, {
      headers: {
        Authorization: `Bearer ${await accessToken()}`,
        Accept: 'application/json, application/octet-stream',
      },
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT),
    });
    // 404: a build that has no timeline yet, or none any more.
    if (reply.status === 404) return '';
    if (!reply.ok || reply.status === 203) throw new Error(`Azure DevOps answers with HTTP ${reply.status}.`);
    return boundedText(reply);
  };
  const readObject = async (path: string): Promise<JsonObject | undefined> => {
    const text = await read(path);
    if (text === '') return undefined;
    const value = asObject(parseJson(text));
    if (value === undefined) throw new Error('Azure DevOps answers with something that is not JSON.');
    return value;
  };
  return {
    async timeline(id) {
      const path = id === undefined ? 'timeline' : `timeline/${encodeURIComponent(id)}`;
      return objectsOf((await readObject(`${path}?api-version=7.1`))?.['records']);
    },
    async attachments(type) {
      const list = await readObject(`attachments/${encodeURIComponent(type)}?api-version=7.1-preview.2`);
      const paths = objectsOf(list?.['value']).flatMap(entry => contentPath(entry, type) ?? []);
      const contents = await Promise.all(paths.slice(0, MOST_ATTACHMENTS).map(path => read(path)));
      return { contents, left: Math.max(0, paths.length - MOST_ATTACHMENTS) };
    },
  };
}

/** The content is below the build; of the link only the two ids are taken, so that a token follows no link. */
function contentPath(attachment: JsonObject, type: string): string | undefined {
  const link = asText(asObject(asObject(attachment['_links'])?.['self'])?.['href']) ?? '';
  const name = asText(attachment['name']);
  const [, timelineId, recordId] = /\/([0-9a-f-]{36})\/([0-9a-f-]{36})\/attachments\//i.exec(link) ?? [];
  if (name === undefined || asGuid(timelineId) === undefined || asGuid(recordId) === undefined)
    return undefined;
  const place = [timelineId, recordId, 'attachments', type, name].map(part => encodeURIComponent(part ?? ''));
  return `${place.join('/')}?api-version=7.1-preview.2`;
}

async function boundedText(reply: Response): Promise<string> {
  const parts: string[] = [];
  const decoder = new TextDecoder();
  let size = 0;
  const reader = reply.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) break;
    size += chunk.value.length;
    if (size > LARGEST_ANSWER) {
      await reader?.cancel();
      throw new Error(`An answer is larger than ${LARGEST_ANSWER / 1024 / 1024} MB.`);
    }
    parts.push(decoder.decode(chunk.value, { stream: true }));
  }
  return parts.join('') + decoder.decode();
}
