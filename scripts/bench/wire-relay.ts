import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A wire of a given length: what one side sends reaches the other half a round trip later. A connection costs a round
 * trip before its first byte travels, as TCP does, although the loopback interface accepts it at once.
 */
export class WireRelay {
  /** Connections since the last `reset`. */
  connections = 0;
  /** Milliseconds there and back. */
  roundTrip = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly target: () => number) {
    this.#server = createServer({ allowHalfOpen: true }, socket => {
      this.#carry(socket);
    });
  }

  /** @param target the port on loopback that the wire leads to */
  static async start(target: () => number): Promise<WireRelay> {
    const relay = new WireRelay(target);
    await new Promise<void>(resolve => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #carry(near: Socket): void {
    this.connections += 1;
    const open = performance.now() + this.roundTrip;
    const far = connect({ port: this.target(), host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    this.#deliver(near, far, open);
    this.#deliver(far, near, open);
  }

  #deliver(from: Socket, to: Socket, open: number): void {
    const later = (act: () => void) => {
      const due = Math.max(performance.now(), open) + this.roundTrip / 2;
      // Timers of one length run in the order they were set, and a length of nothing is no timer.
      if (this.roundTrip === 0) act();
      else setTimeout(act, Math.max(1, due - performance.now()));
    };
    from.on('data', bytes => {
      later(() => to.write(bytes));
    });
    from.on('end', () => {
      later(() => to.end());
    });
    from.on('error', () => {
      later(() => to.destroy());
    });
    from.on('close', () => {
      later(() => {
        to.destroySoon();
      });
    });
  }
}
