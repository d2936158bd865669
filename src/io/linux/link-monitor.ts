/**
 * Watches the links and addresses of this node by RTNETLINK: the carrier that a cable loses is known within milliseconds, where BGP would notice by its
 * hold time.
 *
 * Needs no privilege. Where the kernel gives no such socket (some sandboxes) there is no monitor, and sessions end by their timers.
 */
import * as libc from './libc.ts';
import { LinkTable } from './link-table.ts';
import {
  AF_NETLINK,
  type Dump,
  decodeNetlink,
  encodeDumpRequest,
  encodeNetlinkAddress,
  LINK_AND_ADDRESS_GROUPS,
} from './netlink.ts';

const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const NETLINK_ROUTE = 0;
/** Dumps come in datagrams of up to 32 KiB. */
const BUFFER = 65_536;
/** Datagrams read before the event loop turns. */
const BATCH = 64;

/** @param up - the link that has come up or got an address, by its index; null where nothing did. */
export type LinkWatcher = (up: number | null) => void;

export class LinkMonitor {
  readonly table = new LinkTable();
  /** The socket; null once the monitor is closed. */
  #socket: { readonly fd: number; readonly watch: libc.PollWatch } | null = null;
  readonly #buffer = new Uint8Array(BUFFER);
  readonly #watchers = new Set<LinkWatcher>();
  /** What is still to be told, the one under way first; empty once the table is complete. */
  #dumps: Dump[] = [];

  /** @throws {libc.SystemError} where there is no such socket. */
  constructor() {
    this.#open();
  }

  /** Calls back after each change, until the returned function is called. */
  watch(watcher: LinkWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  close(): void {
    if (this.#socket === null) return;
    this.#socket.watch.close();
    libc.close(this.#socket.fd);
    this.#socket = null;
  }

  /** Begins to listen, and asks for everything: first links, then addresses, since a socket can have one dump at a time. */
  #open(): void {
    const fd = libc.socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, NETLINK_ROUTE);
    try {
      libc.bind(fd, encodeNetlinkAddress(LINK_AND_ADDRESS_GROUPS));
      libc.send(fd, encodeDumpRequest('links'));
    } catch (error) {
      libc.close(fd);
      throw error;
    }
    this.table.begin();
    this.#dumps = ['links', 'addresses'];
    this.#socket = { fd, watch: libc.watchReadable(fd, () => this.#read(fd)) };
  }

  #read(fd: number): void {
    try {
      for (let n = 0; n < BATCH && this.#socket?.fd === fd; n++) {
        const datagram = libc.receive(fd, this.#buffer);
        if (datagram === null) return;
        this.#take(fd, datagram);
      }
    } catch (error) {
      if (!(error instanceof libc.SystemError)) throw error;
      this.close();
      // More happened than the socket could hold. Anything else leaves us blind, and the sessions to their timers.
      if (error.code === 'ENOBUFS') this.#open();
    }
  }

  #take(fd: number, datagram: Uint8Array): void {
    for (const message of decodeNetlink(datagram)) {
      if (message.type === 'done' || message.type === 'error') this.#dumped(fd);
      else {
        const up = this.table.apply(message);
        if (this.#dumps.length === 0) this.#tell(up);
      }
    }
  }

  #dumped(fd: number): void {
    if (this.#dumps.length === 0) return;
    this.#dumps.shift();
    const [next] = this.#dumps;
    if (next !== undefined) {
      libc.send(fd, encodeDumpRequest(next));
      return;
    }
    this.table.complete();
    this.#tell(null);
  }

  #tell(up: number | null): void {
    for (const watcher of [...this.#watchers]) watcher(up);
  }
}
