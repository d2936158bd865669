/**
 * UDP for BFD: receivers that are told the TTL, the destination and the interface of each datagram, and senders of which each has a port of its own.
 *
 * All of it is of the thread that opened it, and nothing blocks. A descriptor is the process's, though: what a thread that dies leaves open, somebody
 * else has to close, and so opening and closing are told.
 */
import { type Ip, ipFromBytes } from '../../net/ip.ts';
import * as libc from './libc.ts';
import { addressFamilyOf, decodeSockaddr, encodeSockaddr } from './sockaddr.ts';
import { bindToDevice, decodeArrival, setArrivalTold, setIpv6Only, setNetworkControl, setTtl } from './sockopt.ts';

const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
/** No BFD packet is longer: Length is one octet. */
const CAPACITY = 256;
/** Datagrams read before the event loop turns: timers have their turn under any flood. */
const BATCH = 64;
const MAX_TTL = 255;

export interface UdpArrival {
  readonly family: 4 | 6;
  readonly octets: Uint8Array;
  readonly ttl: number;
  readonly source: Ip;
  readonly destination: Ip;
  readonly interfaceIndex: number;
}

/** Told of descriptors: one that was opened, and one that is about to be closed. */
export interface DescriptorLedger {
  opened(fd: number): void;
  closing(fd: number): void;
}

export interface UdpReceiver {
  /** Hands in what waits, at most so many datagrams. */
  read(limit?: number): void;
  close(): void;
}

/**
 * Receives on a port of one address, or of every one of its family where its value is 0. What the callback is given is valid until it returns.
 *
 * @param failed - the socket is of no more use; it is closed by then.
 * @throws {libc.SystemError} EADDRINUSE where another program has the port.
 */
export function receiveUdp(
  address: Ip,
  port: number,
  ledger: DescriptorLedger,
  onDatagram: (arrival: UdpArrival) => void,
  failed: (error: libc.SystemError) => void,
): UdpReceiver {
  const { family } = address;
  const fd = libc.socket(addressFamilyOf(address), SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  ledger.opened(fd);
  const buffer = new libc.MessageBuffer(CAPACITY);
  let watch: libc.PollWatch | null = null;
  const close = (): void => {
    if (watch === null) return;
    watch.close();
    watch = null;
    ledger.closing(fd);
    libc.close(fd);
  };
  const read = (limit = BATCH): void => {
    try {
      for (let n = 0; n < limit && watch !== null && buffer.receive(fd); n++) {
        const arrival = decodeArrival(buffer.control);
        if (arrival === null) continue;
        const { ttl, interfaceIndex } = arrival;
        onDatagram({
          family,
          octets: buffer.data,
          ttl,
          interfaceIndex,
          // Most packets are known by their discriminator, and nobody asks for their addresses.
          get source() {
            return decodeSockaddr(buffer.name).ip;
          },
          get destination() {
            return ipFromBytes(arrival.destination);
          },
        });
      }
    } catch (error) {
      if (!(error instanceof libc.SystemError)) throw error;
      close();
      failed(error);
    }
  };
  try {
    if (family === 6) setIpv6Only(fd);
    setArrivalTold(fd, family);
    libc.bind(fd, encodeSockaddr({ ip: address, port }));
    watch = libc.watchReadable(fd, () => read());
  } catch (error) {
    ledger.closing(fd);
    libc.close(fd);
    throw error;
  }
  return { read, close };
}

export interface UdpSender {
  readonly sourcePort: number;
  /** @throws {libc.SystemError} EAGAIN where the queue is full, ENETUNREACH and its like where there is no way. */
  send(octets: Uint8Array): void;
  close(): void;
}

export interface UdpSenderOptions {
  readonly remote: Ip;
  readonly remotePort: number;
  /** Null: the kernel's choice by route. */
  readonly local: Ip | null;
  /** Sends by this interface alone; null: by route. */
  readonly device: string | null;
  /** Its index, for a link-local address; 0 where there is no device. */
  readonly scopeId: number;
  /** Tried in this order until one is free. */
  readonly sourcePorts: Iterable<number>;
}

/**
 * Sends to one neighbor with TTL 255, from one port as long as it lives.
 *
 * @throws {libc.SystemError} where there is no such device or address.
 */
export function sendUdp(options: UdpSenderOptions, ledger: DescriptorLedger): UdpSender {
  const { remote, local, device, scopeId } = options;
  const fd = libc.socket(addressFamilyOf(remote), SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  ledger.opened(fd);
  const close = (): void => {
    ledger.closing(fd);
    libc.close(fd);
  };
  try {
    setNetworkControl(fd, remote.family);
    setTtl(fd, remote.family, MAX_TTL);
    if (device !== null) bindToDevice(fd, device);
    const ip: Ip = local ?? { family: remote.family, value: 0n };
    const sourcePort = bindToOne(fd, ip, scopeId, options.sourcePorts);
    // Not connected: a connected socket would report a neighbor's "port unreachable" in the place of a packet that was to be sent.
    const to = encodeSockaddr({ ip: remote, port: options.remotePort }, scopeId);
    return { sourcePort, close, send: (octets) => libc.sendTo(fd, octets, to) };
  } catch (error) {
    close();
    throw error;
  }
}

function bindToOne(fd: number, ip: Ip, scopeId: number, ports: Iterable<number>): number {
  let taken: unknown = new RangeError('no source port to try');
  for (const port of ports) {
    try {
      libc.bind(fd, encodeSockaddr({ ip, port }, scopeId));
      return port;
    } catch (error) {
      if (!(error instanceof libc.SystemError) || error.code !== 'EADDRINUSE') throw error;
      taken = error;
    }
  }
  throw taken;
}
