/** Whose link address BFD needs: the neighbors of sessions that send Echo packets, and nobody else's. */
import type { EchoLink, EchoObstacle } from '../bfd/echo-path.ts';
import type { Ip } from '../net/ip.ts';
import type { Neighbors } from './linux/neighbor-monitor.ts';

interface Watched {
  linkAddress: Uint8Array | null;
  readonly end: () => void;
}

export class BfdNeighbors {
  readonly #neighbors: Neighbors;
  /** By the session's number. */
  readonly #watched = new Map<number, Watched>();
  readonly #told: (id: number, linkAddress: Uint8Array) => void;

  constructor(neighbors: Neighbors, told: (id: number, linkAddress: Uint8Array) => void) {
    this.#neighbors = neighbors;
    this.#told = told;
  }

  /** Null while it is not known. */
  linkAddressOf(id: number): Uint8Array | null {
    return this.#watched.get(id)?.linkAddress ?? null;
  }

  /** @param link - of the session's path. */
  watch(id: number, remote: Ip, link: EchoLink | EchoObstacle): void {
    if (typeof link === 'string' || this.#watched.has(id)) return;
    const watched: Watched = {
      linkAddress: null,
      end: this.#neighbors.watch(link.interfaceIndex, remote, (linkAddress) => {
        watched.linkAddress = linkAddress;
        this.#told(id, linkAddress);
      }),
    };
    this.#watched.set(id, watched);
  }

  forget(id: number): void {
    this.#watched.get(id)?.end();
    this.#watched.delete(id);
  }

  close(): void {
    this.#neighbors.close();
    this.#watched.clear();
  }
}
