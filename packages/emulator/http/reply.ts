/** One answer, complete before its first byte is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Ways to authenticate, each in a header line of its own. */
  readonly challenges?: readonly string[];
}

export type Headers = Readonly<Record<string, string>>;

/** An answer that carries a JSON body. */
export function jsonReply(status: number, body: unknown, headers: Headers = {}): Reply {
  return textReply(status, 'application/json; charset=utf-8', JSON.stringify(body), headers);
}

/** An answer that carries text of the given content type. */
export function textReply(status: number, contentType: string, text: string, headers: Headers = {}): Reply {
  return { status, headers: { 'Content-Type': contentType, ...headers }, body: Buffer.from(text, 'utf8') };
}

/** An answer without a body. */
export function emptyReply(status: number, headers: Headers = {}): Reply {
  return { status, headers, body: Buffer.alloc(0) };
}

/** The same answer with more headers, or other values for some. */
export function withHeaders(reply: Reply, headers: Headers): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
