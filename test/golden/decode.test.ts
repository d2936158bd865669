/** `metallb decode bgp` on the given vectors: each message in the form of the contract, as two other decoders read it. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeMessages, type MessageJson } from '../../src/cli/decode/messages.ts';
import { hex } from '../../src/wire/hex.ts';
import { metallb } from '../cli/fake-io.ts';

const folder = process.env.METALLB_VECTORS ?? resolve(import.meta.dirname, '../../../shared/vectors');
const absent = !existsSync(join(folder, 'bgp.jsonl'));
const because = absent ? ' (skipped: no bgp.jsonl in METALLB_VECTORS, by default ../shared/vectors)' : '';

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly value: unknown;
  readonly hex: string;
}

interface Row {
  readonly name: string;
  readonly scope: 'core' | 'other-family';
  readonly context: { readonly asn4: boolean; readonly addpath: boolean };
  readonly hex: string;
  readonly expected: Record<string, unknown> & { readonly type: string };
}

const rowsOf = (file: string): Row[] =>
  absent
    ? []
    : readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Row);

const all = rowsOf('bgp.jsonl');
const core = all.filter((row) => row.scope === 'core');

type PathPrefix = string | { readonly path_id: number; readonly prefix: string };
const nlri = (list: unknown): unknown =>
  (list as PathPrefix[]).map((p) => (typeof p === 'string' ? p : { prefix: p.prefix, pathId: p.path_id }));

const FAMILIES: Readonly<Record<string, readonly [number, number]>> = {
  'ipv4-unicast': [1, 1],
  'ipv4-multicast': [1, 2],
  'ipv6-unicast': [2, 1],
  'ipv6-multicast': [2, 2],
};
const family = (name: unknown): { afi: number; safi: number } => {
  const [afi, safi] = FAMILIES[name as string] ?? [0, 0];
  return { afi, safi };
};

/** What the vectors expect, in the words of the contract. */
function contractForm(expected: Row['expected']): Record<string, unknown> {
  switch (expected.type) {
    case 'OPEN': {
      const { version, my_as: myAs, hold_time: holdTime, bgp_id: bgpIdentifier } = expected;
      const capabilities = (expected.capabilities as { code: number }[]).map(({ code }) => ({ code }));
      return { type: 'OPEN', version, myAs, holdTime, bgpIdentifier, capabilities };
    }
    case 'NOTIFICATION': {
      const { code, subcode, data, shutdown_communication: shutdownMessage = null } = expected;
      return { type: 'NOTIFICATION', code, subcode, data, shutdownMessage };
    }
    case 'ROUTE_REFRESH':
      return { type: 'ROUTE-REFRESH', ...family(expected.family), subtype: expected.subtype };
    case 'KEEPALIVE':
      return { type: 'KEEPALIVE' };
    default:
      return {
        type: 'UPDATE',
        withdrawn: nlri(expected.withdrawn),
        nlri: nlri(expected.nlri),
        attributes: attributesForm(expected.attributes as Attribute[]),
      };
  }
}

function attributesForm(attributes: readonly Attribute[]): Record<string, unknown> {
  const value = (name: string): unknown => attributes.find((a) => a.name === name)?.value;
  const reach = value('MP_REACH_NLRI') as Record<string, unknown> | undefined;
  const unreach = value('MP_UNREACH_NLRI') as Record<string, unknown> | undefined;
  return {
    origin: (value('ORIGIN') as string | undefined)?.toUpperCase() ?? null,
    asPath: value('AS_PATH') ?? null,
    nextHop: value('NEXT_HOP') ?? null,
    localPref: value('LOCAL_PREF') ?? null,
    med: value('MED') ?? null,
    communities: value('COMMUNITIES') ?? [],
    largeCommunities: value('LARGE_COMMUNITIES') ?? [],
    extendedCommunities: ((value('EXTENDED_COMMUNITIES') ?? []) as { hex: string }[]).map((c) => c.hex),
    atomicAggregate: attributes.some((a) => a.name === 'ATOMIC_AGGREGATE'),
    aggregator: value('AGGREGATOR') ?? null,
    originatorId: value('ORIGINATOR_ID') ?? null,
    clusterList: value('CLUSTER_LIST') ?? [],
    as4Path: value('AS4_PATH') ?? null,
    as4Aggregator: value('AS4_AGGREGATOR') ?? null,
    mpReach:
      reach === undefined
        ? null
        : {
            ...family(reach.family),
            nextHop: reach.next_hop,
            linkLocalNextHop: reach.link_local ?? null,
            nlri: nlri(reach.nlri),
          },
    mpUnreach: unreach === undefined ? null : { ...family(unreach.family), withdrawn: nlri(unreach.withdrawn) },
    unknown: attributes
      .filter((a) => a.name === 'OTHER')
      .map(({ type, flags, hex: octets }) => ({ type, flags, value: octets })),
  };
}

/** One command for all rows of one context; the messages come in the order of the lines. */
async function decoded(rows: readonly Row[], { asn4, addpath }: Row['context']): Promise<MessageJson[]> {
  const flags = [...(asn4 ? [] : ['--two-octet-as']), ...(addpath ? ['--add-path'] : [])];
  const stdin = rows.map((row) => row.hex).join('\n');
  const { stdout } = await metallb(['decode', 'bgp', '--peer', 'internal', ...flags], { stdin });
  return (JSON.parse(stdout) as { messages: MessageJson[] }).messages;
}

describe('metallb decode bgp', () => {
  it.skipIf(absent)(`decodes all ${core.length} core vectors to the contract's form${because}`, async () => {
    const wrong: Record<string, unknown> = {};
    for (const asn4 of [true, false]) {
      for (const addpath of [true, false]) {
        const context = { asn4, addpath };
        const rows = core.filter((row) => row.context.asn4 === asn4 && row.context.addpath === addpath);
        const messages = await decoded(rows, context);
        expect(messages).toHaveLength(rows.length);
        for (const [i, row] of rows.entries()) {
          try {
            expect(messages[i]).toMatchObject({ length: row.hex.length / 2, ...contractForm(row.expected) });
          } catch (error) {
            wrong[row.name] = String(error);
          }
        }
      }
    }
    expect(wrong).toEqual({});
  });

  it.skipIf(absent)(`finds nothing wrong with what real daemons sent${because}`, async () => {
    for (const row of core.filter(({ name }) => name.startsWith('cap-'))) {
      const [message] = await decoded([row], row.context);
      expect({ name: row.name, errors: message?.errors }).toEqual({ name: row.name, errors: [] });
    }
  });

  it.skipIf(absent)(
    `shows other families as envelopes, and every vector, malformed or not, as some message${because}`,
    () => {
      for (const row of [...all, ...rowsOf('bgp-malformed.jsonl')]) {
        for (const fourOctetAs of [true, false]) {
          for (const addPath of [true, false]) {
            const options: DecodeOptions = { fourOctetAs, addPath, internal: true, extendedMessages: false };
            const messages = [...decodeMessages(hex(row.hex), options)];
            expect(messages.length).toBeGreaterThan(0);
            const [first] = messages;
            const asMeant = row.scope === 'other-family' && row.context.asn4 === fourOctetAs && !addPath;
            if (asMeant && first?.type === 'UPDATE')
              expect({ name: row.name, nlri: first.nlri, withdrawn: first.withdrawn }).toEqual({
                name: row.name,
                nlri: row.expected.nlri,
                withdrawn: row.expected.withdrawn,
              });
          }
        }
      }
    },
  );
});
