type Method = (...parameters: unknown[]) => unknown;

interface Message {
  readonly id: number;
  readonly methodName?: string;
  readonly instanceId?: string;
  readonly params?: unknown;
  readonly handshakeToken?: string;
}

/**
 * The host's end of the protocol that azure-devops-extension-sdk speaks: remote calls as JSON messages between windows,
 * where a function travels as `{ __proxyFunctionId }` and is called as a method of `__proxyFunctions`.
 */
export class RemoteFrame {
  readonly #functions: Record<string, Method> = {};
  #lastId = 0;

  constructor(
    private readonly frame: HTMLIFrameElement,
    private readonly objects: Readonly<Record<string, Readonly<Record<string, Method>>>>,
  ) {
    window.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (event.source === frame.contentWindow && typeof event.data === 'string') {
        void this.#answer(JSON.parse(event.data) as Message);
      }
    });
  }

  call(instanceId: string, methodName: string, parameters: readonly unknown[]): void {
    this.#send({ id: ++this.#lastId, instanceId, methodName, params: this.#packed(parameters) });
  }

  async #answer({ id, instanceId, methodName = '', params, handshakeToken }: Message): Promise<void> {
    if (instanceId === undefined) return;
    const object = instanceId === '__proxyFunctions' ? this.#functions : this.objects[instanceId];
    try {
      const method = object?.[methodName];
      if (method === undefined) throw new Error(`RPC method not found: ${methodName}`);
      const parameters = Array.isArray(params) ? params.map(value => this.#unpacked(value)) : [];
      const result = this.#packed(await method(...parameters));
      this.#send({ id, result, handshakeToken });
    } catch (error) {
      this.#send({ id, error: { message: String(error) }, handshakeToken });
    }
  }

  #send(message: object): void {
    this.frame.contentWindow?.postMessage(JSON.stringify(message), '*');
  }

  #packed(value: unknown): unknown {
    if (typeof value === 'function') {
      const id = ++this.#lastId;
      this.#functions[`proxy${id}`] = value as Method;
      return { __proxyFunctionId: id, _channelId: 1 };
    }
    if (Array.isArray(value)) return value.map(member => this.#packed(member));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.#packed(member)]));
  }

  #unpacked(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || !('__proxyFunctionId' in value)) return value;
    return (...parameters: unknown[]) => {
      this.call('__proxyFunctions', `proxy${String(value.__proxyFunctionId)}`, parameters);
    };
  }
}
