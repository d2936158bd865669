/**
 * TCP for BGP: connections and listeners prepared by libc (key, source, traffic class) and then handed to Node as ordinary sockets.
 *
 * Connecting is non-blocking and waits on the event loop. A connection that gets no answer is given up after a bounded time: a SYN that
 * the peer drops for its MD5 signature looks just like a host that is not there, and the kernel would go on for two minutes.
 */
import * as net from 'node:net';
import type { Ip } from '../../net/ip.ts';
import type { SocketAddress } from '../../net/socket-address.ts';
import type { Secret } from '../../secret.ts';
import * as libc from './libc.ts';
import { addressFamilyOf, decodeSockaddr, encodeSockaddr } from './sockaddr.ts';
import {
  minimumTtl,
  SO_ERROR,
  SOL_SOCKET,
  setIpv6Only,
  setMd5Key,
  setNetworkControl,
  setReuseAddress,
  setTtl,
  setTtlSecurity,
  setTtlSecurityOffered,
  synTtl,
} from './sockopt.ts';

const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const BACKLOG = 128;

export interface ConnectOptions {
  readonly remote: SocketAddress;
  /** The local address to use; null lets the kernel choose by route. */
  readonly source: Ip | null;
  readonly md5Key: Secret | null;
  /** How many links away the peer may be (RFC 5082); null: as far as it likes. */
  readonly ttlSecurityHops: number | null;
  readonly timeoutMs: number;
}

export interface ConnectHandlers {
  connected(socket: net.Socket): void;
  failed(error: libc.SystemError): void;
}

/** Starts connecting; exactly one handler is called, later, unless the returned function cancels first. */
export function connectTcp(options: ConnectOptions, handlers: ConnectHandlers): () => void {
  let fd = -1;
  let watch: libc.PollWatch | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    watch?.close();
  };
  const fail = (error: unknown): void => {
    stop();
    if (fd >= 0) libc.close(fd);
    fd = -1;
    handlers.failed(asSystemError(error));
  };
  const finish = (): void => {
    const errno = libc.getsockoptInt(fd, SOL_SOCKET, SO_ERROR, 'SO_ERROR');
    if (errno !== 0) {
      fail(new libc.SystemError('connect', libc.errnoName(errno)));
      return;
    }
    stop();
    handlers.connected(socketOf(fd));
  };
  try {
    fd = openTcp(options.remote.ip);
    if (options.ttlSecurityHops !== null) setTtlSecurity(fd, options.remote.ip.family, options.ttlSecurityHops);
    if (options.md5Key !== null) setMd5Key(fd, options.remote.ip, options.md5Key);
    if (options.source !== null) libc.bind(fd, encodeSockaddr({ ip: options.source, port: 0 }));
    libc.connect(fd, encodeSockaddr(options.remote));
    // Also a connection that is there at once is reported from the event loop: a caller's state is settled by then.
    watch = libc.watchWritable(fd, finish);
    timer = setTimeout(() => fail(new libc.SystemError('connect', 'ETIMEDOUT')), options.timeoutMs);
  } catch (error) {
    const early = setImmediate(() => fail(error));
    return () => {
      clearImmediate(early);
      if (fd >= 0) libc.close(fd);
    };
  }
  return () => {
    if (fd < 0) return;
    stop();
    libc.close(fd);
    fd = -1;
  };
}

/** A listening socket of ours, with a key per peer that can change while it listens. */
export interface TcpListener {
  /** Null takes the key away; a peer without a key must not sign. */
  setKey(peer: Ip, key: Secret | null): void;
  /** Whether connections can be taken with TTL security. */
  setTtlSecurityOffered(offered: boolean): void;
  close(): void;
}

/** A connection that came in and of which nothing has been read. It is to be taken or refused at once. */
export interface IncomingTcp {
  readonly remote: Ip;
  /**
   * The socket; null where the peer is farther away than it may be, and then the connection is closed.
   *
   * The handshake is over by now, and a listener that is shared cannot have looked at TTLs. So the SYN, which the kernel has kept, is judged here,
   * and everything after it by the kernel.
   */
  take(ttlSecurityHops: number | null): net.Socket | null;
  refuse(): void;
}

/** Connections taken before the event loop turns. */
const ACCEPT_BATCH = 64;
/** How long to leave alone a listener that cannot accept, for want of descriptors or memory: it would be reported ready without end. */
const ACCEPT_PAUSE_MS = 1_000;

/**
 * Listens on one address.
 *
 * @throws {libc.SystemError} EADDRINUSE, EACCES, EADDRNOTAVAIL: the caller says what that costs.
 */
export function listenTcp(local: SocketAddress, onConnection: (incoming: IncomingTcp) => void): TcpListener {
  const fd = openTcp(local.ip);
  const keyed = new Set<string>();
  try {
    setReuseAddress(fd);
    if (local.ip.family === 6) setIpv6Only(fd);
    libc.bind(fd, encodeSockaddr(local));
    libc.listen(fd, BACKLOG);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  let resume: NodeJS.Timeout | undefined;
  let watch: libc.PollWatch | undefined;
  const pause = (): void => {
    watch?.close();
    resume = setTimeout(begin, ACCEPT_PAUSE_MS);
  };
  const acceptWaiting = (): void => {
    for (let n = 0; n < ACCEPT_BATCH && watch !== undefined; n++) {
      let accepted: ReturnType<typeof libc.accept>;
      try {
        accepted = libc.accept(fd, SOCK_NONBLOCK | SOCK_CLOEXEC);
      } catch (error) {
        if (asSystemError(error).code === 'ECONNABORTED') continue; // that one has given up meanwhile
        pause();
        return;
      }
      if (accepted === null) return;
      onConnection(incomingOf(accepted.fd, decodeSockaddr(accepted.address).ip));
    }
  };
  const begin = (): void => {
    watch = libc.watchReadable(fd, acceptWaiting);
  };
  begin();
  return {
    setTtlSecurityOffered: (offered) => setTtlSecurityOffered(fd, local.ip.family, offered),
    setKey(peer, key) {
      const id = `${peer.family}/${peer.value}`;
      if (key === null && !keyed.delete(id)) return;
      setMd5Key(fd, peer, key);
      if (key !== null) keyed.add(id);
    },
    close() {
      clearTimeout(resume);
      watch?.close();
      watch = undefined;
      libc.close(fd);
    },
  };
}

function incomingOf(fd: number, remote: Ip): IncomingTcp {
  return {
    remote,
    take(ttlSecurityHops) {
      if (ttlSecurityHops === null) {
        setTtl(fd, remote.family, null);
        return socketOf(fd);
      }
      const ttl = synTtl(fd, remote.family);
      if (ttl === null || ttl < minimumTtl(ttlSecurityHops)) {
        libc.close(fd);
        return null;
      }
      setTtlSecurity(fd, remote.family, ttlSecurityHops);
      return socketOf(fd);
    },
    refuse: () => libc.close(fd),
  };
}

function socketOf(fd: number): net.Socket {
  const socket = new net.Socket({ fd, readable: true, writable: true });
  socket.setNoDelay(true);
  return socket;
}

/**
 * The local address that the kernel would use towards a peer, or null where there is no route.
 *
 * A connected UDP socket asks the routing table without sending anything.
 */
export function localAddressTowards(remote: Ip): Ip | null {
  const fd = libc.socket(addressFamilyOf(remote), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  try {
    libc.connect(fd, encodeSockaddr({ ip: remote, port: 179 }));
    return decodeSockaddr(libc.getsockname(fd)).ip;
  } catch (error) {
    if (error instanceof libc.SystemError) return null;
    throw error;
  } finally {
    libc.close(fd);
  }
}

function openTcp(ip: Ip): number {
  const fd = libc.socket(addressFamilyOf(ip), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setNetworkControl(fd, ip.family);
  return fd;
}

function asSystemError(error: unknown): libc.SystemError {
  if (error instanceof libc.SystemError) return error;
  throw error;
}
