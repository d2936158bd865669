/**
 * What we send, read by tshark: in every variant that a session of ours can have, it decodes all of it and complains of nothing. No root and no
 * network: peers on a virtual clock write into a capture file.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { missingPackages, reachSystemPrograms } from '../../lab/packages.ts';
import { titled } from '../../lab/requirements.ts';
import type { Capability } from '../../src/bgp/packet/capability.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from '../../src/bgp/packet/constants.ts';
import { Framer } from '../../src/bgp/packet/framer.ts';
import { encodeMessage, type OutgoingMessage } from '../../src/bgp/packet/message.ts';
import { cease, notification } from '../../src/bgp/packet/notification.ts';
import { myAsField } from '../../src/bgp/packet/open.ts';
import { known } from '../../src/bgp/packet/update.ts';
import { type Connection, Peer, type PeerConfig } from '../../src/bgp/peer.ts';
import type { RouteAttributes } from '../../src/bgp/route.ts';
import type { Ip } from '../../src/net/ip.ts';
import { type Prefix, prefixOf } from '../../src/net/prefix.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';
import { hex } from '../../src/wire/hex.ts';
import { pcapOf, type Segment } from './pcap.ts';

reachSystemPrograms(process.env);
const missing = missingPackages(['tshark'], process.env.PATH ?? '');
const obstacle = missing.length > 0 ? `not installed: ${missing.join(' ')}` : undefined;

const HERE: Ip = { family: 4, value: 0x0a090001n };
const THERE: Ip = { family: 4, value: 0x0a090002n };
const HERE_6: Ip = { family: 6, value: (0x20010db8n << 96n) + 1n };
const v4 = (n: number, length = 32): Prefix => prefixOf({ family: 4, value: 0x0a000000n + BigInt(n) }, length);
const v6 = (n: number, length = 128): Prefix =>
  prefixOf({ family: 6, value: (0x20010db8n << 96n) + (BigInt(n) << 32n) }, length);
const PLAIN: RouteAttributes = { localPref: null, med: null, asPathPrepend: 0, communities: [], largeCommunities: [] };

type Extra = Exclude<Capability['type'], 'multiprotocol' | 'unknown'>;
const EVERYTHING: readonly Extra[] = ['four-octet-as', 'route-refresh', 'extended-message', 'enhanced-route-refresh'];

interface Variant {
  readonly name: string;
  readonly config?: Partial<PeerConfig>;
  readonly theirAs?: number;
  /** What the other side announces beside its families. */
  readonly capabilities?: readonly Extra[];
  /** What happens once the session is up. */
  run?(session: Session): void;
  /** Instead of an OPEN, these octets are the other side's first. */
  readonly first?: Uint8Array;
}

/** Our peer, the scripted other side, and all that crossed between them. */
class Session {
  readonly name: string;
  readonly clock = new VirtualClock();
  readonly segments: Segment[] = [];
  readonly peer: Peer;
  readonly #connection: Connection;
  readonly #variant: Variant;

  constructor(variant: Variant) {
    this.name = variant.name;
    this.#variant = variant;
    this.#connection = {
      direction: 'incoming',
      localAddress: HERE,
      remoteAddress: THERE,
      localPort: 179,
      remotePort: 50_000,
      write: (octets) => this.segments.push({ fromServer: true, octets }) > 0,
      close: () => undefined,
    };
    this.peer = new Peer(
      {
        localAsn: 64_512,
        remoteAsn: variant.theirAs ?? 64_513,
        bgpIdentifier: 0x0a090001,
        holdTimeSeconds: 90,
        keepaliveSeconds: 30,
        families: [IPV4_UNICAST, IPV6_UNICAST],
        connectMode: 'passive',
        connectRetry: { initialMs: 1_000, maxMs: 1_000 },
        maxPrefixes: 2,
        nextHops: [HERE_6],
        ...variant.config,
      },
      {
        clock: this.clock,
        random: () => 0.5,
        transport: { dial: () => undefined, abortDial: () => undefined },
        observer: {
          stateChanged: () => undefined,
          established: () => undefined,
          down: () => undefined,
          updateReceived: () => undefined,
          routesSent: () => undefined,
        },
      },
    );
    this.peer.start();
    this.peer.accept(this.#connection);
    if (variant.first !== undefined) this.octets(variant.first);
    else this.#establish();
    variant.run?.(this);
  }

  #establish(): void {
    const asn = this.#variant.theirAs ?? 64_513;
    const capabilities: Capability[] = [
      { type: 'multiprotocol', family: IPV4_UNICAST },
      { type: 'multiprotocol', family: IPV6_UNICAST },
      ...(this.#variant.capabilities ?? EVERYTHING).map((type) =>
        type === 'four-octet-as' ? { type, asn } : { type },
      ),
    ];
    const open = { asn, myAs: myAsField(asn), holdTime: 90, bgpIdentifier: 0x0a090002, capabilities };
    this.receive({ type: 'OPEN', open });
    this.receive({ type: 'KEEPALIVE' });
    expect(this.peer.status.state, this.#variant.name).toBe('Established');
  }

  receive(message: OutgoingMessage): void {
    const fourOctetAs = (this.#variant.capabilities ?? EVERYTHING).includes('four-octet-as');
    this.octets(encodeMessage(message, { fourOctetAs, internal: false, families: [IPV4_UNICAST, IPV6_UNICAST] }));
  }

  /** The other side comes back. */
  again(): void {
    this.peer.accept({ ...this.#connection });
  }

  octets(octets: Uint8Array): void {
    this.segments.push({ fromServer: false, octets });
    this.peer.receive(this.#connection, octets);
  }
}

/** Routes of both families with and without every attribute, changed, withdrawn, asked for again. */
function exchange(session: Session): void {
  const { peer, clock } = session;
  const communities = Array.from({ length: 70 }, (_, i) => 0xfc000000 + i);
  const largeCommunities = [1, 2].map((n) => ({ globalAdministrator: 4_200_000_000, localData1: n, localData2: 0 }));
  // A route target and an origin (RFC 4360), by AS number, by address, and of a four-octet AS (RFC 5668).
  const extendedCommunities = [0x0002fc0000000064n, 0x0103c00002010007n, 0x0202fa56ea000064n];
  const rich: RouteAttributes = {
    localPref: 200,
    med: 5,
    asPathPrepend: 3,
    communities,
    largeCommunities,
    extendedCommunities,
  };
  const some: RouteAttributes = { ...PLAIN, communities: [0xffff_ff01], med: 0 };
  for (let n = 0; n < 1_000; n++) {
    const attributes = [PLAIN, rich, some][n % 3] ?? PLAIN;
    peer.announce(v4(n), attributes);
    peer.announce(v6(n), attributes);
  }
  for (const prefix of [v4(0, 0), v4(0, 1), v4(0, 23), v6(0, 0), v6(0, 33), v6(0, 64)]) peer.announce(prefix, PLAIN);
  peer.flush();
  for (let n = 0; n < 400; n++) {
    peer.withdraw(v4(n));
    peer.withdraw(v6(n));
  }
  peer.flush();
  peer.announce(v4(500), rich);
  peer.flush();
  for (const family of [IPV4_UNICAST, IPV6_UNICAST]) {
    session.receive({ type: 'ROUTE-REFRESH', refresh: { family, subtype: 0 } });
  }
  clock.advance(60_000);
}

const shutDown = (session: Session): void => session.peer.stop(cease(2, 'Wartung – zurück um 12'));
const MARKER = 'ff'.repeat(16);
const origin = known('ORIGIN', 'igp');

const VARIANTS: readonly Variant[] = [
  { name: 'external', run: exchange },
  { name: 'external, four-octet AS', config: { localAsn: 4_200_000_000 }, run: exchange },
  { name: 'external, old speaker', capabilities: ['route-refresh'], run: exchange },
  {
    name: 'external, old speaker, AS_TRANS and AS4_PATH',
    config: { localAsn: 4_200_000_000 },
    capabilities: [],
    run: exchange,
  },
  { name: 'internal', config: { localAsn: 64_513 }, run: exchange },
  {
    name: 'internal, four-octet AS',
    config: { localAsn: 4_200_000_000 },
    theirAs: 4_200_000_000,
    run: exchange,
  },
  { name: 'IPv4 alone', config: { families: [IPV4_UNICAST] }, run: exchange },
  { name: 'IPv6 alone', config: { families: [IPV6_UNICAST] }, run: exchange },
  { name: 'no hold time', config: { holdTimeSeconds: 0, keepaliveSeconds: 0 }, run: exchange },
  { name: 'stopped, with words', run: shutDown },
  { name: 'deconfigured', run: ({ peer }) => peer.stop(cease(3)) },
  { name: 'reset, with words', run: ({ peer }) => peer.stop(cease(4, 'x'.repeat(300))) },
  { name: 'changed', run: ({ peer }) => peer.stop(cease(6)) },
  { name: 'hold timer', run: ({ clock }) => clock.advance(100_000) },
  {
    name: 'too many prefixes',
    run: (session) =>
      session.receive({
        type: 'UPDATE',
        update: {
          withdrawn: [],
          attributes: [origin, known('AS_PATH', [{ type: 'AS_SEQUENCE', asns: [64_513] }]), known('NEXT_HOP', THERE)],
          nlri: [v4(1), v4(2), v4(3)],
        },
      }),
  },
  { name: 'marker', run: (session) => session.octets(hex(`${'00'.repeat(16)} 0013 04`)) },
  { name: 'length', run: (session) => session.octets(hex(`${MARKER} 0014 04 00`)) },
  { name: 'type', run: (session) => session.octets(hex(`${MARKER} 0013 09`)) },
  { name: 'UPDATE', run: (session) => session.octets(hex(`${MARKER} 0018 02 0000 0000 21`)) },
  { name: 'unknown well-known', run: (session) => session.octets(hex(`${MARKER} 001b 02 0000 0004 40c80101`)) },
  { name: 'OPEN in Established', run: (session) => session.octets(hex(`${MARKER} 001d 01 04 fc01 005a 0a090002 00`)) },
  { name: 'version', first: hex(`${MARKER} 001d 01 03 fc01 005a 0a090002 00`) },
  { name: 'AS mismatch', first: hex(`${MARKER} 001d 01 04 fc05 005a 0a090002 00`) },
  { name: 'hold time', first: hex(`${MARKER} 001d 01 04 fc01 0001 0a090002 00`) },
  {
    name: 'no family in common',
    config: { families: [IPV6_UNICAST] },
    first: hex(`${MARKER} 001d 01 04 fc01 005a 0a090002 00`),
  },
  {
    name: 'refused, then without capabilities',
    first: encodeMessage(
      { type: 'NOTIFICATION', notification: notification(2, 4) },
      { fourOctetAs: true, internal: false, families: [] },
    ),
    run: (session) => session.again(),
  },
];

const folder = mkdtempSync(join(tmpdir(), 'metallb-tshark-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Sessions in one capture file: how wide AS numbers are tshark has to be told, else it guesses by the octets of each path. */
interface Capture {
  readonly path: string;
  readonly asnOctets: 2 | 4;
  readonly sessions: readonly Session[];
}

/** Rows of fields of what we sent. */
function tshark({ path, asnOctets }: Capture, filter: string, fields: readonly string[]): string[][] {
  const what = ['-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const args = ['-o', `bgp.asn_len:${asnOctets}`, '-r', path, '-Y', `tcp.srcport == 179 && (${filter})`, ...what];
  const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`tshark ended with ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** Of ours, by type. */
function typesOf(sessions: readonly Session[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { segments } of sessions) {
    const framer = new Framer();
    for (const { fromServer, octets } of segments) {
      if (!fromServer) continue;
      for (const message of framer.push(octets)) {
        const type = String(message[18]);
        counts[type] = (counts[type] ?? 0) + 1;
      }
    }
  }
  return counts;
}

/** Wireshark's severities: a note and more than that. Below is chat (a SYN, for one). */
const COMPLAINT = '_ws.expert.severity >= 0x400000';

const isOld = ({ capabilities }: Variant): boolean => !(capabilities ?? EVERYTHING).includes('four-octet-as');

function captureOf(asnOctets: 2 | 4): Capture {
  const sessions = VARIANTS.filter((variant) => isOld(variant) === (asnOctets === 2)).map((v) => new Session(v));
  const path = join(folder, `as${asnOctets}.pcap`);
  writeFileSync(path, pcapOf(sessions.map(({ segments }) => segments)));
  return { path, asnOctets, sessions };
}

describe.skipIf(obstacle !== undefined)(titled('tshark on what we send', obstacle), () => {
  const captures = [captureOf(4), captureOf(2)] as const;

  it('sees every message of ours, of all five types', () => {
    for (const capture of captures) {
      const counts: Record<string, number> = {};
      for (const [types = ''] of tshark(capture, 'bgp', ['bgp.type'])) {
        for (const type of types.split(',')) counts[type] = (counts[type] ?? 0) + 1;
      }
      expect(counts).toEqual(typesOf(capture.sessions));
    }
    expect(Object.keys(typesOf(captures[0].sessions))).toEqual(['1', '2', '3', '4', '5']);
  });

  it('complains of none of them', () => {
    for (const capture of captures) {
      const complaints = tshark(capture, `${COMPLAINT} || _ws.malformed`, ['tcp.stream', '_ws.expert.message']);
      expect(complaints.map(([stream, what]) => [capture.sessions[Number(stream)]?.name, what])).toEqual([]);
    }
  });

  it('complains of what is wrong, so that its silence says something', () => {
    const path = join(folder, 'bad.pcap');
    const octets = hex(`${MARKER} 001c 02 0000 0005 40010200 00`);
    writeFileSync(path, pcapOf([[{ fromServer: true, octets }]]));
    const bad: Capture = { path, asnOctets: 4, sessions: [] };
    expect(tshark(bad, `${COMPLAINT} || _ws.malformed`, ['frame.number'])).not.toEqual([]);
  });

  it('reads the path, AS4_PATH and the next hop that were meant', () => {
    const [, old] = captures;
    const stream = old.sessions.findIndex(({ name }) => name.includes('AS4_PATH'));
    const path = ['bgp.update.path_attribute.as_path_segment.as2', 'bgp.update.path_attribute.as_path_segment.as4'];
    const rows = tshark(old, `tcp.stream == ${stream} && bgp.update.path_attribute.as_path_segment.as4`, path);
    expect(rows[0]?.map((cell) => cell.split(',')[0])).toEqual(['23456', '4200000000']);
    const nextHop = 'bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6';
    expect(tshark(captures[0], nextHop, [nextHop])[0]?.[0]?.split(',')[0]).toBe('2001:db8::1');
  });
});
