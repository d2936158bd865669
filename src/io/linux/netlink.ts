/**
 * RTNETLINK (rtnetlink(7)): what the kernel says of links and addresses, as octets.
 *
 * Pure: the socket is `link-monitor.ts`' business. Numbers are in host order, which is little-endian on every platform we run on. Whatever does
 * not fit is passed over, never read past: a message of the kernel of tomorrow is longer, not wrong.
 */
import { type Ip, ipFromBytes } from '../../net/ip.ts';
import { type Prefix, prefixOf } from '../../net/prefix.ts';
import { AF_INET, AF_INET6 } from './sockaddr.ts';

export const AF_NETLINK = 16;
/** Links, IPv4 addresses, IPv6 addresses (RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR). */
export const LINK_AND_ADDRESS_GROUPS = 0x1 | 0x10 | 0x100;
/** RTMGRP_NEIGH. */
export const NEIGHBOR_GROUP = 0x4;

/** What can be asked for whole; neighbors are those of IPv4. */
export type Dump = 'links' | 'addresses' | 'neighbors';

/** What the kernel says. */
export type NetlinkMessage =
  | { readonly type: 'link'; readonly index: number; readonly name: string | null; readonly up: boolean }
  | { readonly type: 'linkGone'; readonly index: number }
  | {
      readonly type: 'address' | 'addressGone';
      readonly index: number;
      readonly address: Ip;
      /** Who is on the link, as far as the address says. */
      readonly network: Prefix;
      /** Not while duplicate address detection goes on, or has found one (RFC 4862 section 5.4). */
      readonly usable: boolean;
    }
  /** A neighbor whose link address is known, of six octets. */
  | { readonly type: 'neighbor'; readonly index: number; readonly address: Ip; readonly linkAddress: Uint8Array }
  /** The end of a dump. */
  | { readonly type: 'done' }
  | { readonly type: 'error'; readonly errno: number };

const HEADER = 16;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const NLM_F_REQUEST_DUMP = 0x1 | 0x300;

const IFLA_IFNAME = 3;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const NDA_DST = 1;
const NDA_LLADDR = 2;
/** NUD_INCOMPLETE, NUD_FAILED, NUD_NOARP: its address is looked for, nobody answers, or the link has none, as loopback. */
const NUD_UNKNOWN = 0x01 | 0x20 | 0x40;
/** Switched on by the administrator, and (RFC 2863) in operation: IFF_UP, IFF_RUNNING. */
const IFF_UP_RUNNING = 0x1 | 0x40;
/** IFA_F_DADFAILED, IFA_F_TENTATIVE. */
const IFA_F_UNUSABLE = 0x08 | 0x40;

/** struct sockaddr_nl: family, padding, port (the kernel chooses), groups. */
export function encodeNetlinkAddress(groups: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  return bytes;
}

/** What asks for it, how long its body is, and of which family. */
const DUMPS: Readonly<Record<Dump, readonly [type: number, length: number, family: number]>> = {
  links: [RTM_GETLINK, 16, 0],
  addresses: [RTM_GETADDR, 16, 0],
  neighbors: [RTM_GETNEIGH, 12, AF_INET],
};

/** A request for all links, all addresses of both families, or all neighbors of IPv4. */
export function encodeDumpRequest(what: Dump): Uint8Array {
  const [type, length, family] = DUMPS[what];
  const bytes = new Uint8Array(HEADER + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, NLM_F_REQUEST_DUMP, true);
  view.setUint8(HEADER, family);
  return bytes;
}

/** The messages of one datagram that we understand, in their order; never throws. */
export function* decodeNetlink(bytes: Uint8Array): Generator<NetlinkMessage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > bytes.length) return;
    const body = bytes.subarray(at + HEADER, at + length);
    const message = decodeBody(view.getUint16(at + 4, true), body);
    if (message !== null) yield message;
    at += align(length);
  }
}

function decodeBody(type: number, body: Uint8Array): NetlinkMessage | null {
  switch (type) {
    case NLMSG_DONE:
      return { type: 'done' };
    case NLMSG_ERROR:
      return body.length < 4 ? null : { type: 'error', errno: -viewOf(body).getInt32(0, true) };
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return decodeLink(type === RTM_DELLINK, body);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return decodeAddress(type === RTM_DELADDR, body);
    case RTM_NEWNEIGH:
      return decodeNeighbor(body);
    default:
      return null;
  }
}

/** struct ifinfomsg: family, padding, device type, index, flags, change mask (16 octets). */
function decodeLink(gone: boolean, body: Uint8Array): NetlinkMessage | null {
  // Of another family are the states of bridge ports: such a port that is gone is still a link.
  if (body.length < 16 || body[0] !== 0) return null;
  const view = viewOf(body);
  const index = view.getInt32(4, true);
  if (gone) return { type: 'linkGone', index };
  const name = attributes(body.subarray(16)).get(IFLA_IFNAME);
  const up = (view.getUint32(8, true) & IFF_UP_RUNNING) === IFF_UP_RUNNING;
  return { type: 'link', index, name: name === undefined ? null : textOf(name), up };
}

/** struct ifaddrmsg: family, prefix length, flags, scope, index (8 octets). */
function decodeAddress(gone: boolean, body: Uint8Array): NetlinkMessage | null {
  if (body.length < 8) return null;
  const view = viewOf(body);
  const octets = body[0] === AF_INET ? 4 : body[0] === AF_INET6 ? 16 : null;
  const length = body[1] as number;
  if (octets === null || length > octets * 8) return null;
  const found = attributes(body.subarray(8));
  // On a link with two ends IFA_ADDRESS is the other end and IFA_LOCAL ours; IPv6 mostly has no IFA_LOCAL.
  const network = found.get(IFA_ADDRESS) ?? found.get(IFA_LOCAL);
  const local = found.get(IFA_LOCAL) ?? network;
  if (network?.length !== octets || local?.length !== octets) return null;
  const wide = found.get(IFA_FLAGS);
  const flags = wide?.length === 4 ? viewOf(wide).getUint32(0, true) : (body[2] as number);
  return {
    type: gone ? 'addressGone' : 'address',
    index: view.getUint32(4, true),
    address: ipFromBytes(local),
    network: prefixOf(ipFromBytes(network), length),
    usable: (flags & IFA_F_UNUSABLE) === 0,
  };
}

/** struct ndmsg: family, padding, index, state, flags, type (12 octets). */
function decodeNeighbor(body: Uint8Array): NetlinkMessage | null {
  if (body.length < 12 || body[0] !== AF_INET) return null;
  const view = viewOf(body);
  const found = attributes(body.subarray(12));
  const [address, linkAddress] = [found.get(NDA_DST), found.get(NDA_LLADDR)];
  if ((view.getUint16(8, true) & NUD_UNKNOWN) !== 0) return null;
  if (address?.length !== 4 || linkAddress?.length !== 6) return null;
  const index = view.getInt32(4, true);
  return { type: 'neighbor', index, address: ipFromBytes(address), linkAddress: linkAddress.slice() };
}

/** struct rtattr: length with its own four octets, type, value, padded to four. Of two of a type the first counts. */
function attributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) break;
    const type = view.getUint16(at + 2, true);
    if (!found.has(type)) found.set(type, bytes.subarray(at + 4, at + length));
    at += align(length);
  }
  return found;
}

const align = (length: number): number => (length + 3) & ~3;
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(/\0.*$/s, '');
