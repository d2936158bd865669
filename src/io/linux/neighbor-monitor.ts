/**
 * The link addresses of routers, as the kernel's neighbor table has them (RTNETLINK): where packets go that no route can send.
 *
 * Only who is watched is kept, whatever else is in the table. Asking takes the kernel's lock of all network configuration, which may be held for long:
 * this is for the main thread, never for that of BFD. Needs no privilege.
 */
import { type Ip, sameIp } from '../../net/ip.ts';
import type { Clock } from '../../time/clock.ts';
import * as libc from './libc.ts';
import { AF_NETLINK, decodeNetlink, encodeDumpRequest, encodeNetlinkAddress, NEIGHBOR_GROUP } from './netlink.ts';

const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const NETLINK_ROUTE = 0;
/** Dumps come in datagrams of up to 32 KiB. */
const BUFFER = 65_536;
/** Datagrams read before the event loop turns. */
const BATCH = 64;
/** How long it is blind after the kernel told more than its socket could hold, or gave none. */
const RETRY_MS = 1_000;

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
  readonly #clock: Clock;
  #retry: (() => void) | undefined;
  /** The socket; null while nobody is watched, and where the kernel gives none. */
  #socket: { readonly fd: number; readonly watch: libc.PollWatch } | null = null;
  readonly #buffer = new Uint8Array(BUFFER);
  readonly #watched = new Set<Watched>();
  #dumping = false;
  /** Somebody is watched since the dump began: another one is needed. */
  #again = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

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
    this.#retry?.();
    this.#retry = undefined;
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

  /** Where there is no such socket no link address is known, which sessions say of themselves. */
  #trying(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof libc.SystemError)) throw error;
      this.close();
      this.#retry = this.#clock.after(RETRY_MS, () => this.#trying(() => this.#begin()));
    }
  }

  #begin(): void {
    this.#retry?.();
    this.#retry = undefined;
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
