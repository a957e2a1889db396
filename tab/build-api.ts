import type {
  Attachment as WireAttachment,
  Timeline,
} from 'azure-devops-node-api/interfaces/BuildInterfaces.js';
import { asGuid, asObject, asText, objectsOf, parseJson, type JsonObject, type Unparsed } from '#text/json';
import type { WireRecord } from './our-tasks.js';

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
  timeline(id?: string): Promise<WireRecord[]>;
  /** The attachments of a type, whoever made them. */
  attachments(type: string): Promise<Attachment[]>;
}

/** A file that a step of the build attached. */
export interface Attachment {
  /** Of the step in a timeline, in lower case; undefined when the service does not say it. */
  readonly recordId: string | undefined;
  /** Its content; empty when there is none. */
  read(): Promise<string>;
}

const REQUEST_TIMEOUT = 30_000;
/** An inventory of 10,000 PATs is about 6 MB. */
const LARGEST_ANSWER = 64 * 1024 * 1024;

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
      const timeline: Unparsed<Timeline> | undefined = await readObject(`${path}?api-version=7.1`);
      return objectsOf(timeline?.records);
    },
    async attachments(type) {
      const list = await readObject(`attachments/${encodeURIComponent(type)}?api-version=7.1-preview.2`);
      return objectsOf(list?.['value']).map(entry => attachmentOf(entry, type, read));
    },
  };
}

/** The content is below the build; of the link only the two ids are taken, so that a token follows no link. */
function attachmentOf(
  attachment: Unparsed<WireAttachment>,
  type: string,
  read: (path: string) => Promise<string>,
): Attachment {
  const link = asText(asObject(asObject(attachment._links)?.['self'])?.['href']) ?? '';
  const name = asText(attachment.name);
  const [, timelineId, ofLink] = /\/([0-9a-f-]{36})\/([0-9a-f-]{36})\/attachments\//i.exec(link) ?? [];
  const recordId = asGuid(ofLink);
  if (name === undefined || asGuid(timelineId) === undefined || recordId === undefined)
    return { recordId: undefined, read: () => Promise.resolve('') };
  const place = [timelineId, recordId, 'attachments', type, name].map(part => encodeURIComponent(part ?? ''));
  return { recordId, read: () => read(`${place.join('/')}?api-version=7.1-preview.2`) };
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
