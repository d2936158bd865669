/**
 * UDP for BFD: receivers that are told the TTL, the destination and the interface of each datagram, and senders of which each has a port of its own.
 *
 * How they are read, and whose descriptors are: `batch-receiver.ts`.
 */
import { type Ip, ipFromBytes } from '../../net/ip.ts';
import { BATCH, BatchReceiver, type DescriptorLedger, type ReceiverSurroundings } from './batch-receiver.ts';
import * as libc from './libc.ts';
import { MessageBatch } from './message-batch.ts';
import { addressFamilyOf, decodeSockaddr, encodeSockaddr } from './sockaddr.ts';
import { Arrival, bindToDevice, setArrivalTold, setIpv6Only, setNetworkControl, setTtl } from './sockopt.ts';

const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
/** No BFD packet is longer: Length is one octet. */
const CAPACITY = 256;
const MAX_TTL = 255;

export interface UdpArrival {
  readonly family: 4 | 6;
  readonly octets: Uint8Array;
  readonly ttl: number;
  readonly source: Ip;
  readonly destination: Ip;
  readonly interfaceIndex: number;
}

export interface UdpReceiver {
  /** Hands in what waits, at most so many datagrams. */
  read(limit?: number): void;
  close(): void;
}

export interface UdpReceiverOptions extends ReceiverSurroundings {
  /** Of ours; every one of its family where its value is 0. */
  readonly address: Ip;
  readonly port: number;
  /** What it is given is valid until it returns. */
  readonly onDatagram: (arrival: UdpArrival) => void;
}

/**
 * Receives on a port of one address, or of every one of a family.
 *
 * @throws {libc.SystemError} EADDRINUSE where another program has the port.
 */
export function receiveUdp(options: UdpReceiverOptions): UdpReceiver {
  const { address, port, ledger } = options;
  const fd = libc.socket(addressFamilyOf(address), SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  ledger.opened(fd);
  try {
    if (address.family === 6) setIpv6Only(fd);
    setArrivalTold(fd, address.family);
    libc.bind(fd, encodeSockaddr({ ip: address, port }));
    const batch = new MessageBatch(BATCH, CAPACITY);
    const arrival = new BatchArrival(address.family, batch);
    const { onDatagram } = options;
    return new BatchReceiver(fd, batch, options, (i) => {
      if (arrival.is(i)) onDatagram(arrival);
    });
  } catch (error) {
    ledger.closing(fd);
    libc.close(fd);
    throw error;
  }
}

/** One datagram of a batch after another. */
class BatchArrival implements UdpArrival {
  readonly family: 4 | 6;
  readonly #batch: MessageBatch;
  readonly #arrival = new Arrival();
  #i = 0;

  constructor(family: 4 | 6, batch: MessageBatch) {
    this.family = family;
    this.#batch = batch;
  }

  /** Goes on to this one; false where the kernel has not said all of it. */
  is(i: number): boolean {
    this.#i = i;
    return this.#arrival.read(this.#batch.view, this.#batch.controlAt(i), this.#batch.controlEnd(i));
  }

  get octets(): Uint8Array {
    return this.#batch.data(this.#i);
  }

  get ttl(): number {
    return this.#arrival.ttl;
  }

  get interfaceIndex(): number {
    return this.#arrival.interfaceIndex;
  }

  // Most packets are known by their discriminator, and nobody asks for their addresses.
  get source(): Ip {
    return decodeSockaddr(this.#batch.name(this.#i)).ip;
  }

  get destination(): Ip {
    const length = this.family === 4 ? 4 : 16;
    return ipFromBytes(this.#batch.octets(this.#arrival.destinationAt, length));
  }
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
    const to = encodeSockaddr({ ip: remote, port: options.remotePort }, scopeId);
    // Connected, the kernel need not look for the way of each packet. Without an address of ours it would be kept to the one that it chose now.
    const connected = local !== null && isConnected(fd, to);
    return {
      sourcePort,
      close,
      send: connected ? (octets) => sendConnected(fd, octets) : (octets) => libc.sendTo(fd, octets, to),
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Whether it is connected now; where there is no way, there may be one later. */
function isConnected(fd: number, to: Uint8Array): boolean {
  try {
    libc.connect(fd, to);
    return true;
  } catch (error) {
    if (!(error instanceof libc.SystemError)) throw error;
    return false;
  }
}

/** A connected socket reports a neighbor's "port unreachable" for a packet before in the place of the one that was to be sent: that is sent then. */
function sendConnected(fd: number, octets: Uint8Array): void {
  try {
    libc.send(fd, octets);
  } catch (error) {
    if (!(error instanceof libc.SystemError) || error.code !== 'ECONNREFUSED') throw error;
    libc.send(fd, octets);
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
