/** The messages that are mutated: those of the given vectors where they are there, and our own of every kind. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { UpdateContext } from '../../src/bgp/packet/attribute.ts';
import type { PathAttribute } from '../../src/bgp/packet/attribute-registry.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from '../../src/bgp/packet/constants.ts';
import { encodeMessage, type OutgoingMessage } from '../../src/bgp/packet/message.ts';
import { cease, notification } from '../../src/bgp/packet/notification.ts';
import { known } from '../../src/bgp/packet/update.ts';
import { type Prefix, parsePrefix } from '../../src/net/prefix.ts';
import { hex } from '../../src/wire/hex.ts';

const FAMILIES = [IPV4_UNICAST, IPV6_UNICAST];
const CONTEXTS: readonly UpdateContext[] = [true, false].map((fourOctetAs) => ({
  fourOctetAs,
  internal: true,
  families: FAMILIES,
}));

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const NEXT_HOP = { family: 4, value: 0xc0000202n } as const;
const NEXT_HOP_6 = { family: 6, value: (0x20010db8n << 96n) + 2n } as const;
const SEQUENCE = { type: 'AS_SEQUENCE', asns: [65002, 65003] } as const;

/** One of each attribute that there is a codec for, and some that there is none for. */
const ATTRIBUTES: readonly PathAttribute[] = [
  known('MULTI_EXIT_DISC', 5),
  known('LOCAL_PREF', 100),
  known('ATOMIC_AGGREGATE', null),
  known('AGGREGATOR', { asn: 65002, address: NEXT_HOP }),
  known('COMMUNITIES', [0xfde80001, 0xffffff01]),
  known('ORIGINATOR_ID', 0xc0000203),
  known('CLUSTER_LIST', [1, 2]),
  known('MP_REACH_NLRI', {
    family: IPV6_UNICAST,
    nextHop: NEXT_HOP_6,
    linkLocal: null,
    prefixes: ['2001:db8:1::/48', '2001:db8::1/128', '::/0'].map(prefix),
  }),
  known('MP_UNREACH_NLRI', { family: IPV6_UNICAST, prefixes: [prefix('2001:db8:2::/48')] }),
  known('EXTENDED_COMMUNITIES', [0x0002fde800000001n]),
  known('AS4_PATH', [{ type: 'AS_SEQUENCE', asns: [4_200_000_000] }]),
  known('AS4_AGGREGATOR', { asn: 4_200_000_000, address: NEXT_HOP }),
  known('LARGE_COMMUNITY', [{ globalAdministrator: 65002, localData1: 1, localData2: 2 }]),
  known('ONLY_TO_CUSTOMER', 65002),
  { type: 'unknown', code: 99, flags: 0xc0, value: new Uint8Array(300) },
];

function own(context: UpdateContext): Uint8Array[] {
  const mandatory = [known('ORIGIN', 'igp'), known('AS_PATH', [SEQUENCE]), known('NEXT_HOP', NEXT_HOP)];
  const v4 = ['192.0.2.0/24', '198.51.100.7/32', '0.0.0.0/0'].map(prefix);
  const updates = [
    { withdrawn: [], attributes: [], nlri: [] },
    { withdrawn: v4, attributes: [], nlri: [] },
    { withdrawn: [], attributes: mandatory, nlri: v4 },
    { withdrawn: v4, attributes: [...mandatory, ...ATTRIBUTES], nlri: v4 },
    ...ATTRIBUTES.map((attribute) => ({ withdrawn: [], attributes: [...mandatory, attribute], nlri: v4 })),
  ];
  const capabilities = [
    ...FAMILIES.map((family) => ({ type: 'multiprotocol' as const, family })),
    { type: 'route-refresh' as const },
    { type: 'extended-message' as const },
    { type: 'four-octet-as' as const, asn: 65002 },
    { type: 'enhanced-route-refresh' as const },
    { type: 'unknown' as const, code: 5, value: new Uint8Array(0) },
  ];
  const open = { asn: 65002, myAs: 65002, holdTime: 90, bgpIdentifier: 2, capabilities };
  const messages: OutgoingMessage[] = [
    { type: 'OPEN', open },
    { type: 'OPEN', open: { ...open, capabilities: [] } },
    ...updates.map((update) => ({ type: 'UPDATE' as const, update })),
    { type: 'KEEPALIVE' },
    { type: 'NOTIFICATION', notification: cease(2, 'maintenance') },
    { type: 'NOTIFICATION', notification: notification(2, 4) },
    ...[0, 1, 2, 3].map((subtype) => ({ type: 'ROUTE-REFRESH' as const, refresh: { family: IPV4_UNICAST, subtype } })),
  ];
  return messages.map((message) => encodeMessage(message, context));
}

export interface Corpus {
  readonly messages: readonly Uint8Array[];
  /** How many of them are given vectors. */
  readonly vectors: number;
}

/** @param folder - where `bgp.jsonl` and `bgp-malformed.jsonl` are, if they are there. */
export function corpusOf(folder: string): Corpus {
  const given = ['bgp.jsonl', 'bgp-malformed.jsonl']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => hex((JSON.parse(line) as { readonly hex: string }).hex))
    .filter((octets) => octets.length >= 19);
  return { messages: [...CONTEXTS.flatMap(own), ...given], vectors: given.length };
}

/** Beside the checkout, unless METALLB_VECTORS says otherwise. */
export const VECTORS = resolve(import.meta.dirname, '../../../shared/vectors');
