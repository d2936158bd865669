/**
 * Packets of one link beside the kernel's routing (packet(7)): sent to a link address whatever their IP addresses are, and received before routing, which would
 * drop a packet that comes in with an address of ours as its source.
 *
 * Needs CAP_NET_RAW.
 */
import { BATCH, BatchReceiver, type ReceiverSurroundings } from './batch-receiver.ts';
import * as libc from './libc.ts';
import { MessageBatch } from './message-batch.ts';
import { attachFilter } from './sockopt.ts';

const AF_PACKET = 17;
/** Without the header of the link, which the kernel reads and writes. */
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const ETH_P_IP = 0x0800;
const LINK_ADDRESS_LENGTH = 6;
/** Octets of a packet that are kept. */
const CAPACITY = 256;

export interface PacketSocketOptions extends ReceiverSurroundings {
  readonly interfaceIndex: number;
  /** A program of `packet-filter.ts`. */
  readonly filter: Uint8Array<ArrayBuffer>;
  /** Is given IPv4 packets that have passed the filter, each valid until this returns. */
  readonly onPacket: (octets: Uint8Array) => void;
}

export interface PacketSocket {
  /** @throws {libc.SystemError} */
  send(octets: Uint8Array, linkAddress: Uint8Array): void;
  /** Hands in what waits, at most so many packets. */
  read(limit?: number): void;
  close(): void;
}

/**
 * Sends and receives IPv4 packets on one link.
 *
 * @throws {libc.SystemError} EPERM without CAP_NET_RAW.
 */
export function openPacketSocket(options: PacketSocketOptions): PacketSocket {
  const { interfaceIndex, filter, ledger, onPacket } = options;
  // Of no protocol, it hears nothing before the filter is there.
  const fd = libc.socket(AF_PACKET, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  ledger.opened(fd);
  try {
    attachFilter(fd, filter);
    libc.bind(fd, encodeLinkSockaddr(interfaceIndex, null));
    const batch = new MessageBatch(BATCH, CAPACITY);
    let failure: libc.SystemError | null = null;
    const failed = (error: libc.SystemError): void => {
      failure = error;
      options.failed(error);
    };
    const receiver = new BatchReceiver(fd, batch, { ...options, failed }, (i) => onPacket(batch.data(i)));
    let to: { readonly linkAddress: Uint8Array; readonly sockaddr: Uint8Array } | null = null;
    return {
      send(octets, linkAddress) {
        // Its descriptor may be somebody else's by now.
        if (failure !== null) throw failure;
        if (to?.linkAddress !== linkAddress)
          to = { linkAddress, sockaddr: encodeLinkSockaddr(interfaceIndex, linkAddress) };
        libc.sendTo(fd, octets, to.sockaddr);
      },
      read: (limit) => receiver.read(limit),
      close: () => receiver.close(),
    };
  } catch (error) {
    ledger.closing(fd);
    libc.close(fd);
    throw error;
  }
}

/** struct sockaddr_ll: family, protocol (network order), interface, kind of link, kind of packet, length of the address, address. */
export function encodeLinkSockaddr(interfaceIndex: number, linkAddress: Uint8Array | null): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_IP);
  view.setInt32(4, interfaceIndex, true);
  if (linkAddress !== null) {
    view.setUint8(11, LINK_ADDRESS_LENGTH);
    bytes.set(linkAddress, 12);
  }
  return bytes;
}
