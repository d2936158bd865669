/** A router on loopback that speaks BGP until the session is up, and then neither reads nor closes. */
import { createServer, type Server, type Socket } from 'node:net';
import { localOpen } from '../../src/bgp/negotiation.ts';
import { IPV4_UNICAST } from '../../src/bgp/packet/constants.ts';
import { encodeMessage } from '../../src/bgp/packet/message.ts';

const CONTEXT = { fourOctetAs: true, internal: false, families: [IPV4_UNICAST] };

export class UnreadRouter {
  readonly address: string;
  readonly port: number;
  /** Whether a session has come up as far as this side can tell. */
  up = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, address: string, port: number) {
    this.#server = server;
    this.address = address;
    this.port = port;
  }

  /** @param port - 0: any that is free. */
  static async listen(address: string, port: number, asn: number, holdTimeSeconds: number): Promise<UnreadRouter> {
    const server = createServer({ allowHalfOpen: true });
    const taken = await new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: address, port }, () => {
        const bound = server.address();
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
      });
    });
    const router = new UnreadRouter(server, address, taken);
    server.on('connection', (socket) => router.#speak(socket, asn, holdTimeSeconds));
    return router;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #speak(socket: Socket, asn: number, holdTimeSeconds: number): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    const config = { localAsn: asn, bgpIdentifier: 0x0a000001, holdTimeSeconds, families: [IPV4_UNICAST] };
    socket.write(encodeMessage({ type: 'OPEN', open: localOpen(config) }, CONTEXT));
    socket.once('data', () => {
      socket.pause();
      socket.write(encodeMessage({ type: 'KEEPALIVE' }, CONTEXT));
      this.up = true;
    });
  }
}
