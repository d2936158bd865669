/**
 * The conformance vectors that nobody on this project wrote: each `core` message decodes to what two other decoders agreed on, and no
 * message, however wrong, raises anything but the protocol's own error. They are found through METALLB_VECTORS.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UpdateContext } from '../../src/bgp/packet/attribute.ts';
import type { MpReach, MpUnreach } from '../../src/bgp/packet/attribute-mp.ts';
import type { PathAttribute } from '../../src/bgp/packet/attribute-registry.ts';
import type { Capability } from '../../src/bgp/packet/capability.ts';
import { formatFamily, IPV4_UNICAST, IPV6_UNICAST } from '../../src/bgp/packet/constants.ts';
import { decodeMessage, type Message } from '../../src/bgp/packet/message.ts';
import type { Nlri } from '../../src/bgp/packet/nlri.ts';
import { ProtocolError, shutdownCommunication } from '../../src/bgp/packet/notification.ts';
import { encodeAttribute } from '../../src/bgp/packet/update.ts';
import { endOfRibOf } from '../../src/bgp/packet/update-routes.ts';
import { formatCommunity, formatLargeCommunity } from '../../src/bgp/route.ts';
import { formatIp } from '../../src/net/ip.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import { hex, toHex } from '../../src/wire/hex.ts';
import { ByteWriter } from '../../src/wire/writer.ts';

const folder = process.env.METALLB_VECTORS ?? resolve(import.meta.dirname, '../../../shared/vectors');
const absent = !existsSync(join(folder, 'bgp.jsonl'));
const because = absent ? ` (skipped: no bgp.jsonl in METALLB_VECTORS, by default ../shared/vectors)` : '';

interface Row {
  readonly name: string;
  readonly scope: 'core' | 'other-family';
  readonly context: { readonly asn4: boolean; readonly addpath: boolean };
  readonly hex: string;
  readonly expected: Record<string, unknown>;
}

const rows = (file: string): Row[] =>
  absent
    ? []
    : readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Row);

const FAMILIES = [IPV4_UNICAST, IPV6_UNICAST];

/** Both families negotiated, and an internal peer, for which every attribute means something. */
const contextOf = (row: Row, internal = true): UpdateContext => ({
  fourOctetAs: row.context.asn4,
  internal,
  families: FAMILIES,
  addPath: row.context.addpath ? FAMILIES : [],
});

describe('messages in the wild', () => {
  const all = rows('bgp.jsonl');
  const ours = all.filter((row) => row.scope === 'core');
  const others = all.filter((row) => row.scope === 'other-family');
  const withPathIds = ours.filter((row) => row.context.addpath);

  it.skipIf(absent)(
    `decode as two other decoders say: ${ours.length}, ${withPathIds.length} of them with path identifiers${because}`,
    () => {
      const wrong: Record<string, unknown> = {};
      for (const row of ours) {
        const message = decodeMessage(hex(row.hex), contextOf(row));
        try {
          expect(normalForm(message, contextOf(row))).toEqual(comparable(row.expected));
        } catch (error) {
          wrong[row.name] = String(error);
        }
      }
      expect(wrong).toEqual({});
      expect(ours.length).toBeGreaterThan(400);
      expect(withPathIds.length).toBeGreaterThan(10);
    },
  );

  it.skipIf(absent)(`of other families (${others.length}) keep the session and lose nothing of ours${because}`, () => {
    for (const row of others) {
      if (hasUnknownWellKnown(row)) {
        // Fuzzed messages: RFC 4271 section 6.3 answers 3/2, and RFC 7606 does not revise it.
        expect(() => decodeMessage(hex(row.hex), contextOf(row))).toThrow(ProtocolError);
        continue;
      }
      const message = decodeMessage(hex(row.hex), contextOf(row));
      const { nlri, withdrawn } = normalForm(message, contextOf(row)) as { nlri: unknown; withdrawn: unknown };
      expect({ name: row.name, nlri, withdrawn }).toEqual({
        name: row.name,
        nlri: row.expected.nlri,
        withdrawn: row.expected.withdrawn,
      });
    }
  });

  it.skipIf(absent)(`raise nothing but ProtocolError, malformed or not, whatever was negotiated${because}`, () => {
    for (const row of [...all, ...rows('bgp-malformed.jsonl')]) {
      for (const fourOctetAs of [true, false]) {
        for (const internal of [true, false]) {
          const context = { ...contextOf(row, internal), fourOctetAs };
          for (const octets of messagesIn(row.hex)) {
            try {
              decodeMessage(octets, context);
            } catch (error) {
              expect(error, row.name).toBeInstanceOf(ProtocolError);
            }
          }
        }
      }
    }
  });
});

const hasUnknownWellKnown = (row: Row): boolean =>
  (row.expected.attributes as { name: string; flags: number }[]).some((a) => a.name === 'OTHER' && a.flags < 0x80);

/** Some malformed rows are no single message, or none at all. */
function messagesIn(text: string): Uint8Array[] {
  const bytes = hex(text);
  return [bytes, bytes.subarray(0, Math.max(0, bytes.length - 1))];
}

/** Our decoded form in the words of the vectors. */
function normalForm(message: Message, context: UpdateContext): unknown {
  switch (message.type) {
    case 'KEEPALIVE':
      return { type: 'KEEPALIVE' };
    case 'NOTIFICATION': {
      const n = message.notification;
      const said = shutdownCommunication(n);
      return {
        type: 'NOTIFICATION',
        code: n.code,
        subcode: n.subcode,
        data: toHex(n.data),
        ...(said === null ? {} : { shutdown_communication: said }),
      };
    }
    case 'ROUTE-REFRESH':
      return {
        type: 'ROUTE_REFRESH',
        family: formatFamily(message.refresh.family),
        subtype: message.refresh.subtype,
      };
    case 'OPEN':
      return {
        type: 'OPEN',
        version: 4,
        my_as: message.open.myAs,
        hold_time: message.open.holdTime,
        bgp_id: formatIp({ family: 4, value: BigInt(message.open.bgpIdentifier) }),
        capabilities: message.open.capabilities.map(capabilityForm),
      };
    case 'UPDATE': {
      const { update } = message;
      const endOfRib = endOfRibOf(update);
      return {
        type: 'UPDATE',
        withdrawn: update.withdrawn.map(nlriForm),
        attributes: update.attributes.map((a) => attributeForm(a, context)),
        nlri: update.nlri.map(nlriForm),
        ...(endOfRib === null ? {} : { end_of_rib: formatFamily(endOfRib) }),
      };
    }
  }
}

const nlriForm = (nlri: Nlri): unknown =>
  nlri.pathId === undefined ? formatPrefix(nlri) : { path_id: nlri.pathId, prefix: formatPrefix(nlri) };

function capabilityForm(c: Capability): unknown {
  switch (c.type) {
    case 'multiprotocol':
      return { code: 1, hex: toHex(new Uint8Array([c.family.afi >> 8, c.family.afi & 255, 0, c.family.safi])) };
    case 'route-refresh':
      return { code: 2, hex: '' };
    case 'extended-message':
      return { code: 6, hex: '' };
    case 'four-octet-as':
      return { code: 65, hex: c.asn.toString(16).padStart(8, '0') };
    case 'enhanced-route-refresh':
      return { code: 70, hex: '' };
    case 'unknown':
      return { code: c.code, hex: toHex(c.value) };
  }
}

/** What the vectors expect, without the parts that we keep as octets only. */
function comparable(expected: Record<string, unknown>): unknown {
  if (expected.type === 'OPEN') {
    const { extended_opt_params: _, capabilities, ...rest } = expected;
    const list = capabilities as { code: number; hex: string }[];
    return { ...rest, capabilities: list.map((c) => ({ code: c.code, hex: c.hex })) };
  }
  if (expected.type !== 'UPDATE') return expected;
  const attributes = (expected.attributes as { name: string; value: unknown }[]).map((a) =>
    a.name === 'EXTENDED_COMMUNITIES' ? { ...a, value: (a.value as { hex: string }[]).map((c) => c.hex) } : a,
  );
  return { ...expected, attributes };
}

const NAMES: Readonly<Record<string, string>> = { MULTI_EXIT_DISC: 'MED', LARGE_COMMUNITY: 'LARGE_COMMUNITIES' };

function attributeForm(a: PathAttribute, context: UpdateContext): unknown {
  if (a.type === 'unknown') return { name: 'OTHER', type: a.code, flags: a.flags, hex: toHex(a.value) };
  if (a.type === 'ONLY_TO_CUSTOMER') {
    return { name: 'OTHER', type: 35, flags: a.flags, hex: a.value.toString(16).padStart(8, '0') };
  }
  const w = new ByteWriter(5000);
  encodeAttribute(w, a, context);
  const head = { name: NAMES[a.type] ?? a.type, type: w.view()[1], flags: a.flags };
  const value = valueForm(a);
  return value === undefined ? head : { ...head, value };
}

function valueForm(a: Exclude<PathAttribute, { type: 'unknown' }>): unknown {
  switch (a.type) {
    case 'ATOMIC_AGGREGATE':
      return undefined;
    case 'NEXT_HOP':
      return formatIp(a.value);
    case 'COMMUNITIES':
      return a.value.map(formatCommunity);
    case 'LARGE_COMMUNITY':
      return a.value.map(formatLargeCommunity);
    case 'EXTENDED_COMMUNITIES':
      return a.value.map((c) => c.toString(16).padStart(16, '0'));
    case 'AGGREGATOR':
    case 'AS4_AGGREGATOR':
      return { asn: a.value.asn, address: formatIp(a.value.address) };
    case 'ORIGINATOR_ID':
      return identifier(a.value);
    case 'CLUSTER_LIST':
      return a.value.map(identifier);
    case 'MP_REACH_NLRI':
      return mpForm(a.value, 'nlri');
    case 'MP_UNREACH_NLRI':
      return mpForm(a.value, 'withdrawn');
    default:
      return a.value;
  }
}

const identifier = (id: number): string => formatIp({ family: 4, value: BigInt(id) });

function mpForm(value: MpReach | MpUnreach, key: string): unknown {
  const family = formatFamily(value.family);
  if (value.prefixes === undefined) return { family, opaque: toHex(value.opaque) };
  const prefixes = { [key]: value.prefixes.map(nlriForm) };
  if (!('nextHop' in value)) return { family, ...prefixes };
  const linkLocal = value.linkLocal === null ? {} : { link_local: formatIp(value.linkLocal) };
  return { family, next_hop: formatIp(value.nextHop), ...linkLocal, ...prefixes };
}
