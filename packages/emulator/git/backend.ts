import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call } from '../http/call.js';
import { headerOf } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import type { Repository } from './repositories.js';

/** A first commit in the form that `git fast-import` reads; its date is fixed, so its id is always the same. */
function firstCommit({ files, submodules }: Repository, heads: readonly string[]): string {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const modules = submodules.map(
    ({ path, url }) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`,
  );
  const all = { ...files, ...(modules.length > 0 ? { '.gitmodules': modules.join('') } : {}) };
  return [
    'commit refs/heads/main\n',
    'author Sample Author <author@contoso.example> 1767225600 +0000\n',
    'committer Sample Author <author@contoso.example> 1767225600 +0000\n',
    data('Say hello'),
    ...Object.entries(all).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
    ...submodules.map(({ path }, index) => `M 160000 ${heads[index] ?? ''} ${path}\n`),
    'done\n',
  ].join('');
}

/** Real repositories in a temporary folder, each made when it is first needed, served by `git http-backend`. */
export class GitBackend {
  #folder: Promise<string> | undefined;
  readonly #ready = new Map<string, Promise<string>>();
  readonly #closing = new AbortController();

  /** The bare repository, as `<folder>/<repository id>.git`. */
  async directoryOf(repository: Repository): Promise<string> {
    const known = this.#ready.get(repository.id);
    if (known) return known;
    const ready = this.#make(repository);
    this.#ready.set(repository.id, ready);
    return ready;
  }

  /** Hands a request of the smart HTTP protocol to `git http-backend`; `path` begins behind the repository. */
  async serve(repository: Repository, path: string, call: Call, user: string): Promise<Reply> {
    const directory = await this.directoryOf(repository);
    const output = await this.#git(['http-backend'], call.body, {
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: call.method,
      PATH_INFO: `/${path}`,
      QUERY_STRING: call.query.toString(),
      CONTENT_TYPE: headerOf(call, 'content-type') ?? '',
      CONTENT_LENGTH: String(call.body.length),
      HTTP_CONTENT_ENCODING: headerOf(call, 'content-encoding') ?? '',
      GIT_PROTOCOL: headerOf(call, 'git-protocol') ?? '',
      REMOTE_USER: user,
      REMOTE_ADDR: '127.0.0.1',
    });
    return cgiReply(output);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#ready.values());
    if (this.#folder) await rm(await this.#folder, { recursive: true, force: true });
  }

  async #make(repository: Repository): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'azure-devops-git-'));
    const directory = join(await this.#folder, `${repository.id}.git`);
    const heads = await Promise.all(repository.submodules.map(async ({ of }) => this.#headOf(of)));
    await this.#git(['init', '--quiet', '--bare', '--initial-branch=main', directory]);
    await this.#git(['-C', directory, 'config', 'http.receivepack', 'true']);
    // As the service does: what a branch pointed to once can still be asked for by its id.
    await this.#git(['-C', directory, 'config', 'uploadpack.allowReachableSHA1InWant', 'true']);
    await this.#git(
      ['-C', directory, 'fast-import', '--quiet', '--done'],
      Buffer.from(firstCommit(repository, heads)),
    );
    return directory;
  }

  async #headOf(repository: Repository): Promise<string> {
    const head = ['-C', await this.directoryOf(repository), 'rev-parse', 'main'];
    return (await this.#git(head)).toString('utf8').trim();
  }

  /** Runs git with nothing of this process's environment but the search path. Rejects when it fails. */
  async #git(
    args: readonly string[],
    input?: Buffer,
    environment: Record<string, string> = {},
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const child = spawn('git', args, {
        env: {
          PATH: process.env['PATH'],
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
          ...environment,
        },
        signal: this.#closing.signal,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const output: Buffer[] = [];
      const errors: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
      // A command that does not read its input to the end is judged by its exit code.
      child.stdin.on('error', () => undefined);
      child.once('error', reject);
      child.once('close', code => {
        if (code === 0) resolve(Buffer.concat(output));
        else
          reject(
            new Error(
              `git ${args.join(' ')} ended with ${String(code)}: ${Buffer.concat(errors).toString()}`,
            ),
          );
      });
      child.stdin.end(input);
    });
  }
}

/** The answer in what a CGI program printed: header lines, an empty line, the body. */
function cgiReply(output: Buffer): Reply {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('git http-backend printed no header.');
  const headers: Record<string, string> = {};
  for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  const { Status: status = '200 OK', ...rest } = headers;
  return { status: Number.parseInt(status, 10), headers: rest, body: output.subarray(end + 4) };
}
