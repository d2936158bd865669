/** What MetalLB's own engine writes for the same wish: ours is the same, octet by octet, but where a row says why it is not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AdjRibOut } from '../../src/bgp/adj-rib-out.ts';
import { localOpen } from '../../src/bgp/negotiation.ts';
import type { UpdateContext } from '../../src/bgp/packet/attribute.ts';
import type { Capability } from '../../src/bgp/packet/capability.ts';
import { formatFamily, IPV4_UNICAST, IPV6_UNICAST } from '../../src/bgp/packet/constants.ts';
import { decodeMessage, encodeMessage } from '../../src/bgp/packet/message.ts';
import type { Open } from '../../src/bgp/packet/open.ts';
import { announcedBy, withdrawnBy } from '../../src/bgp/packet/update-routes.ts';
import { RouteTables } from '../../src/bgp/route-tables.ts';
import { UpdatePacker } from '../../src/bgp/update-packer.ts';
import type { Ip } from '../../src/net/ip.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../../src/net/prefix.ts';
import { hex, toHex } from '../../src/wire/hex.ts';

interface Row {
  readonly name: string;
  readonly kind: 'open' | 'received-open' | 'update' | 'withdrawal' | 'keepalive';
  readonly hex: string;
  /** Ours, where it has to differ. */
  readonly canonical?: string;
  readonly note?: string;
  readonly config?: { readonly localAsn: number; readonly bgpIdentifier: number; readonly holdTimeSeconds: number };
  readonly context?: { readonly internal: boolean; readonly fourOctetAs: boolean };
  readonly route?: {
    readonly prefixes: readonly string[];
    readonly communities?: readonly string[];
    readonly localPref?: number | null;
  };
  readonly decoded?: unknown;
}

const rows = JSON.parse(readFileSync(join(import.meta.dirname, 'metallb.json'), 'utf8')) as Row[];
const families = [IPV4_UNICAST, IPV6_UNICAST];
const contextOf = (row: Row): UpdateContext => ({ families, internal: false, fourOctetAs: true, ...row.context });
const ofKind = (...kinds: Row['kind'][]): Row[] => rows.filter((row) => kinds.includes(row.kind));

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function community(text: string): number {
  const [high, low] = text.split(':').map(Number) as [number, number];
  return high * 65_536 + low;
}

/** Our UPDATE for the wish of a row, at next hop 10.0.0.1 in AS 64512. */
function ours(row: Row): string {
  const tables = new RouteTables();
  const rib = new AdjRibOut(tables);
  const { prefixes = [], communities = [], localPref = null } = row.route ?? {};
  const wish = {
    localPref,
    med: null,
    asPathPrepend: 0,
    communities: communities.map(community),
    largeCommunities: [],
  };
  const nextHop: Ip = { family: 4, value: 0x0a000001n };
  const packer = new UpdatePacker(tables, { ...contextOf(row), localAsn: 64512 }, IPV4_UNICAST, nextHop);
  const next = (): string => {
    const into = new Uint8Array(4_096);
    return toHex(into.subarray(0, packer.next(rib, into, 0)?.octets ?? 0));
  };
  for (const text of prefixes) rib.announce(prefix(text), wish);
  if (row.kind === 'update') return next();
  next();
  for (const text of prefixes) rib.withdraw(prefix(text));
  return next();
}

function openForm(open: Open): unknown {
  const { asn, myAs, holdTime, bgpIdentifier } = open;
  return { asn, myAs, holdTime, bgpIdentifier, capabilities: open.capabilities.map(capabilityForm) };
}

function capabilityForm(c: Capability): string {
  if (c.type === 'multiprotocol') return `multiprotocol ${formatFamily(c.family)}`;
  if (c.type === 'four-octet-as') return `four-octet-as ${c.asn}`;
  return c.type === 'unknown' ? `unknown ${c.code}` : c.type;
}

describe("MetalLB's messages", () => {
  it.each(ofKind('open', 'received-open').map((row) => [row.name, row] as const))('%s is decoded', (_, row) => {
    const message = decodeMessage(hex(row.hex), contextOf(row));
    expect(message.type === 'OPEN' && openForm(message.open)).toEqual(row.decoded);
  });

  it.each(ofKind('open').map((row) => [row.name, row] as const))('%s is ours, less what MetalLB has not', (_, row) => {
    const { localAsn = 0, bgpIdentifier = 0, holdTimeSeconds = 0 } = row.config ?? {};
    const open = localOpen({ families, localAsn, bgpIdentifier, holdTimeSeconds });
    const theirs = ['multiprotocol', 'four-octet-as'];
    const without = { ...open, capabilities: open.capabilities.filter((c) => theirs.includes(c.type)) };
    expect(toHex(encodeMessage({ type: 'OPEN', open: without }, contextOf(row)))).toBe(row.hex);
  });

  it.each(ofKind('update', 'withdrawal').map((row) => [row.name, row] as const))('%s is ours', (_, row) => {
    expect(ours(row)).toBe(row.canonical ?? row.hex);
    const message = decodeMessage(hex(row.hex), contextOf(row));
    const routes = message.type === 'UPDATE' ? [...announcedBy(message.update), ...withdrawnBy(message.update)] : [];
    expect(routes.flatMap((r) => r.prefixes.map(formatPrefix))).toEqual(row.route?.prefixes);
    expect(row.canonical === undefined).toBe(row.note === undefined); // a difference has its reason
  });

  it.each(ofKind('keepalive').map((row) => [row.name, row] as const))('%s is ours', (_, row) => {
    expect(toHex(encodeMessage({ type: 'KEEPALIVE' }, contextOf(row)))).toBe(row.hex);
  });
});
