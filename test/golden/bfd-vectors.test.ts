/**
 * The BFD packets that nobody on this project wrote: each decodes to what other decoders said, and gets the verdict of RFC 5880 section 6.8.6. They are
 * found through METALLB_VECTORS.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAuthenticationSection, sectionLength } from '../../src/bfd/authentication-section.ts';
import { decodeControlPacket, encodeControlPacket, MAX_LENGTH, parseControlPacket } from '../../src/bfd/packet.ts';
import type { BfdSession } from '../../src/bfd/session.ts';
import { type Datagram, SessionTable } from '../../src/bfd/session-table.ts';
import { CONFIG } from '../../src/bfd/testing/scripted-peer.ts';
import { decodeBfdMessages } from '../../src/cli/decode/bfd.ts';
import type { Ip } from '../../src/net/ip.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';
import { hex, toHex } from '../../src/wire/hex.ts';
import { ByteWriter } from '../../src/wire/writer.ts';

const folder = process.env.METALLB_VECTORS ?? resolve(import.meta.dirname, '../../../shared/vectors');
const absent = !existsSync(join(folder, 'bfd.jsonl'));
const because = absent ? ` (skipped: no bfd.jsonl in METALLB_VECTORS, by default ../shared/vectors)` : '';

interface Row {
  readonly name: string;
  readonly hex: string;
  readonly udp: { readonly sport: number; readonly dport: number; readonly ttl: number };
  readonly expected?: {
    readonly state: string;
    readonly length: number;
    readonly diag: number;
    readonly auth_section?: { readonly type: number; readonly len: number };
    readonly [field: string]: unknown;
  };
  readonly reception: string;
}

const rows: readonly Row[] = absent
  ? []
  : readFileSync(join(folder, 'bfd.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);

/** The vectors' words for what ours calls by name. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/empty datagram|shorter than 24/, 'truncated'],
  [/Length below minimum/, 'lengthTooShort'],
  [/Length exceeds payload/, 'lengthBeyondPayload'],
  [/My Discriminator is zero/, 'zeroMyDiscriminator'],
  [/Your Discriminator zero while/, 'zeroYourDiscriminator'],
  [/selects no session/, 'unknownDiscriminator'],
  [/discard unless authentication/, 'unexpectedAuthentication'],
];

const ROUTER: Ip = { family: 4, value: 0xc0000201n };
const HERE: Ip = { family: 4, value: 0xc0000202n };

/** What a table makes of a packet: it has a session with the sender, or one by the discriminator that the packet knows. */
function verdictOf(row: Row): string {
  const octets = hex(row.hex);
  const yours = parseControlPacket(octets)?.yourDiscriminator ?? 0;
  const known = row.name !== 'invalid-your-discr-unknown' && yours !== 0 ? yours : 1;
  const table = new SessionTable({ clock: new VirtualClock(), random: () => 0.5 });
  const quiet = {
    transmit: () => undefined,
    transmitEcho: () => true,
    echoChanged: () => undefined,
    stateChanged: () => undefined,
    readPending: () => undefined,
  };
  const session: BfdSession = table.add(
    { type: 'singleHop', remote: ROUTER, local: null, interfaceIndex: null },
    CONFIG,
    quiet,
    known,
  );
  session.start();
  const datagram: Datagram = {
    family: 4,
    octets,
    ttl: 255,
    source: ROUTER,
    destination: HERE,
    interfaceIndex: 1,
  };
  const reason = table.receive('singleHop', datagram);
  if (reason !== null)
    expect(session.status).toMatchObject({ sessionState: 'Down', packetsReceived: 0, remoteDiscr: 0 });
  return reason ?? 'accept';
}

const wanted = ({ reception }: Row): string => REASONS.find(([words]) => words.test(reception))?.[1] ?? reception;

describe('BFD packets in the wild', () => {
  const described = rows.filter((row) => row.expected !== undefined);

  it.skipIf(absent)(`decode as other decoders say: ${described.length} of ${rows.length}${because}`, () => {
    for (const { name, hex: text, expected } of described) {
      const octets = hex(text);
      const packet = parseControlPacket(octets);
      expect({
        name,
        version: packet?.version,
        diag: packet?.diagnostic,
        state: packet?.state,
        poll: packet?.poll,
        final: packet?.final,
        cpi: packet?.controlPlaneIndependent,
        auth: packet?.authenticationPresent,
        demand: packet?.demand,
        multipoint: packet?.multipoint,
        detect_mult: packet?.detectMult,
        length: packet?.length,
        my_discr: packet?.myDiscriminator,
        your_discr: packet?.yourDiscriminator,
        desired_min_tx_us: packet?.desiredMinTxInterval,
        required_min_rx_us: packet?.requiredMinRxInterval,
        required_min_echo_rx_us: packet?.requiredMinEchoRxInterval,
        ...(expected?.auth_section === undefined ? {} : { auth_section: { type: octets[24], len: octets[25] } }),
      }).toEqual({ name, ...expected });
    }
    expect(described.length).toBeGreaterThan(25);
  });

  it.skipIf(absent)(`get the verdict of RFC 5880 section 6.8.6, or 6.7: ${rows.length}${because}`, () => {
    expect(rows.map((row) => [row.name, verdictOf(row)])).toEqual(rows.map((row) => [row.name, wanted(row)]));
  });

  it.skipIf(absent)(`are judged alike by decode, which has no session${because}`, () => {
    for (const row of rows) {
      const [message] = decodeBfdMessages(hex(row.hex));
      // An empty datagram is no message; an unknown discriminator and a session's authentication are for a session to judge.
      if (message === undefined) continue;
      const withoutSession = ['accept', 'unknownDiscriminator', 'unexpectedAuthentication'].includes(wanted(row));
      expect([row.name, message.verdict]).toEqual([row.name, withoutSession ? 'accept' : 'discard']);
    }
  });

  it.skipIf(absent)(`are written as they came, where they are right and we could have sent them${because}`, () => {
    let written = 0;
    for (const row of rows) {
      const decoded = decodeControlPacket(hex(row.hex));
      if (!decoded.ok || decoded.value.authenticationPresent) continue;
      const w = new ByteWriter(MAX_LENGTH);
      encodeControlPacket(w, decoded.value, 0);
      expect([row.name, toHex(w.view())]).toEqual([row.name, row.hex]);
      written++;
    }
    expect(written).toBeGreaterThan(15);
  });

  it.skipIf(absent)(`have authentication sections of the form that the RFC draws${because}`, () => {
    const signed = described.filter((row) => row.expected?.auth_section !== undefined);
    for (const row of signed) {
      const octets = hex(row.hex);
      const packet = parseControlPacket(octets);
      const section = packet === null ? null : parseAuthenticationSection(octets, packet);
      const password = section !== null && 'password' in section ? section.password.length : 0;
      expect([row.name, section === null ? null : sectionLength(section.type, password)]).toEqual([
        row.name,
        row.expected?.auth_section?.len,
      ]);
    }
    expect(signed.length).toBeGreaterThan(5);
  });
});
