/**
 * The link addresses of routers, as the kernel's neighbor table has them (RTNETLINK): where packets go that no route can send.
 *
 * Only who is watched is kept, whatever else is in the table. Asking takes the kernel's lock of all network configuration, which may be held for long:
 * this is for the main thread, never for that of BFD. Needs no privilege.
 */
import { type Ip, sameIp } from '../../net/ip.ts';
import * as libc from './libc.ts';
import { AF_NETLINK, decodeNetlink, encodeDumpRequest, encodeNetlinkAddress, NEIGHBOR_GROUP } from './netlink.ts';

const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const NETLINK_ROUTE = 0;
/** Dumps come in datagrams of up to 32 KiB. */
const BUFFER = 65_536;
/** Datagrams read before the event loop turns. */
const BATCH = 64;

export interface Neighbors {
  /**
   * Calls back with the link address of a neighbor, when it is known and when it is another; never at once. One that the kernel has forgotten is taken to be what it
   * was: the kernel asks for it again with the next packet.
   *
   * @returns ends it.
   */
  watch(interfaceIndex: number, address: Ip, told: (linkAddress: Uint8Array) => void): () => void;
  close(): void;
}

interface Watched {
  readonly interfaceIndex: number;
  readonly address: Ip;
  readonly told: (linkAddress: Uint8Array) => void;
  linkAddress: Uint8Array | null;
}

export class NeighborMonitor implements Neighbors {
  /** The socket; null while nobody is watched, and where the kernel gives none. */
  #socket: { readonly fd: number; readonly watch: libc.PollWatch } | null = null;
  readonly #buffer = new Uint8Array(BUFFER);
  readonly #watched = new Set<Watched>();
  #dumping = false;
  /** Somebody is watched since the dump began: another one is needed. */
  #again = false;

  watch(interfaceIndex: number, address: Ip, told: (linkAddress: Uint8Array) => void): () => void {
    const watched: Watched = { interfaceIndex, address, told, linkAddress: null };
    this.#watched.add(watched);
    this.#trying(() => this.#begin());
    return () => {
      this.#watched.delete(watched);
      if (this.#watched.size === 0) this.close();
    };
  }

  close(): void {
    this.#dumping = false;
    this.#again = false;
    if (this.#socket === null) return;
    this.#socket.watch.close();
    libc.close(this.#socket.fd);
    this.#socket = null;
  }

  #open(): void {
    if (this.#socket !== null) return;
    const fd = libc.socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, NETLINK_ROUTE);
    try {
      libc.bind(fd, encodeNetlinkAddress(NEIGHBOR_GROUP));
      this.#socket = { fd, watch: libc.watchReadable(fd, () => this.#trying(() => this.#read(fd))) };
    } catch (error) {
      libc.close(fd);
      throw error;
    }
  }

  /** A socket has one dump at a time. */
  #ask(): void {
    if (this.#socket === null) return;
    if (this.#dumping) {
      this.#again = true;
      return;
    }
    this.#dumping = true;
    this.#again = false;
    libc.send(this.#socket.fd, encodeDumpRequest('neighbors'));
  }

  /** Where there is no such socket no link address is known, which sessions say of themselves. After more has happened than it could hold it is opened anew. */
  #trying(run: () => void, isSecond = false): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof libc.SystemError)) throw error;
      this.close();
      if (error.code === 'ENOBUFS' && !isSecond) this.#trying(() => this.#begin(), true);
    }
  }

  #begin(): void {
    this.#open();
    this.#ask();
  }

  #read(fd: number): void {
    for (let n = 0; n < BATCH && this.#socket?.fd === fd; n++) {
      const datagram = libc.receive(fd, this.#buffer);
      if (datagram === null) return;
      for (const message of decodeNetlink(datagram)) {
        if (message.type === 'neighbor') this.#found(message.index, message.address, message.linkAddress);
        else if (message.type === 'done' || message.type === 'error') {
          this.#dumping = false;
          if (this.#again) this.#ask();
        }
      }
    }
  }

  #found(index: number, address: Ip, linkAddress: Uint8Array): void {
    for (const watched of [...this.#watched]) {
      if (watched.interfaceIndex !== index || !sameIp(watched.address, address)) continue;
      if (watched.linkAddress?.every((octet, i) => octet === linkAddress[i]) === true) continue;
      watched.linkAddress = linkAddress;
      watched.told(linkAddress);
    }
  }
}
