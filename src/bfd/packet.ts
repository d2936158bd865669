/**
 * BFD Control packets (RFC 5880 section 4.1), without the authentication section, which is `authentication-section.ts`'.
 *
 * Decoding makes structure of any 24 octets; {@link receptionErrors} judges it, in the order of section 6.8.6 and as far as that goes
 * without a session. Intervals are in microseconds, as on the wire.
 */
import { err, ok, type Result } from '../result.ts';
import { ByteReader } from '../wire/reader.ts';
import type { ByteWriter } from '../wire/writer.ts';
import type { PacketError } from './drop-reason.ts';
import { STATES, type State, stateCode } from './state.ts';

export const BFD_VERSION = 1;
/** The mandatory section. */
export const MANDATORY_LENGTH = 24;
/** The mandatory section and an authentication section with nothing in it. */
const MANDATORY_LENGTH_AUTHENTICATED = 26;
/** The longest packet that we send: with a SHA1 digest (section 4.4). */
export const MAX_LENGTH = MANDATORY_LENGTH + 28;

const POLL = 0x20;
const FINAL = 0x10;
const CONTROL_PLANE_INDEPENDENT = 0x08;
const AUTHENTICATION_PRESENT = 0x04;
const DEMAND = 0x02;
const MULTIPOINT = 0x01;

/** What the mandatory section says. */
export interface ControlPacket {
  readonly version: number;
  readonly diagnostic: number;
  readonly state: State;
  readonly poll: boolean;
  readonly final: boolean;
  readonly controlPlaneIndependent: boolean;
  readonly authenticationPresent: boolean;
  readonly demand: boolean;
  readonly multipoint: boolean;
  readonly detectMult: number;
  readonly length: number;
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  readonly desiredMinTxInterval: number;
  readonly requiredMinRxInterval: number;
  readonly requiredMinEchoRxInterval: number;
}

/** The fields of the first 24 octets, whatever they say; null where there are fewer. */
export function parseControlPacket(octets: Uint8Array): ControlPacket | null {
  if (octets.length < MANDATORY_LENGTH) return null;
  const r = new ByteReader(octets);
  const first = r.u8();
  const flags = r.u8();
  return {
    version: first >> 5,
    diagnostic: first & 0x1f,
    state: STATES[flags >> 6] as State,
    poll: (flags & POLL) !== 0,
    final: (flags & FINAL) !== 0,
    controlPlaneIndependent: (flags & CONTROL_PLANE_INDEPENDENT) !== 0,
    authenticationPresent: (flags & AUTHENTICATION_PRESENT) !== 0,
    demand: (flags & DEMAND) !== 0,
    multipoint: (flags & MULTIPOINT) !== 0,
    detectMult: r.u8(),
    length: r.u8(),
    myDiscriminator: r.u32(),
    yourDiscriminator: r.u32(),
    desiredMinTxInterval: r.u32(),
    requiredMinRxInterval: r.u32(),
    requiredMinEchoRxInterval: r.u32(),
  };
}

/** Your Discriminator, whatever else the octets say; 0 where they do not reach so far. */
export const yourDiscriminatorOf = (octets: Uint8Array): number =>
  octets.length < MANDATORY_LENGTH
    ? 0
    : (octets[8] as number) * 0x100_0000 +
      (((octets[9] as number) << 16) | ((octets[10] as number) << 8) | (octets[11] as number));

/** The checks of section 6.8.6 before the session is looked up, in their order. A packet fails those for which this is true. */
const CHECKS: readonly (readonly [PacketError, (packet: ControlPacket, octets: number) => boolean])[] = [
  ['badVersion', ({ version }) => version !== BFD_VERSION],
  ['lengthTooShort', (p) => p.length < (p.authenticationPresent ? MANDATORY_LENGTH_AUTHENTICATED : MANDATORY_LENGTH)],
  ['lengthBeyondPayload', ({ length }, octets) => length > octets],
  ['zeroDetectMult', ({ detectMult }) => detectMult === 0],
  ['multipoint', ({ multipoint }) => multipoint],
  ['zeroMyDiscriminator', ({ myDiscriminator }) => myDiscriminator === 0],
  ['zeroYourDiscriminator', (p) => p.yourDiscriminator === 0 && p.state !== 'Down' && p.state !== 'AdminDown'],
];

/** Which of the checks of section 6.8.6 a packet in so many octets fails, in their order: the first is why it is dropped. */
export const receptionErrors = (packet: ControlPacket, octets: number): PacketError[] =>
  CHECKS.filter(([, fails]) => fails(packet, octets)).map(([error]) => error);

/** A packet that passes every check of section 6.8.6 that needs no session, or the first that it fails. */
export function decodeControlPacket(octets: Uint8Array): Result<ControlPacket, PacketError> {
  const packet = parseControlPacket(octets);
  if (packet === null) {
    const [first] = octets;
    return err(first !== undefined && first >> 5 !== BFD_VERSION ? 'badVersion' : 'truncated');
  }
  const failed = CHECKS.find(([, fails]) => fails(packet, octets.length));
  return failed === undefined ? ok(packet) : err(failed[0]);
}

/** What we send: version 1, never multipoint; Length is counted here. */
export type OutgoingPacket = Omit<ControlPacket, 'version' | 'multipoint' | 'length' | 'authenticationPresent'>;

/** Writes the mandatory section of a packet with an authentication section of so many octets, none where it is zero. */
export function encodeControlPacket(w: ByteWriter, packet: OutgoingPacket, authenticationLength: number): void {
  w.u8((BFD_VERSION << 5) | (packet.diagnostic & 0x1f));
  w.u8(
    (stateCode(packet.state) << 6) |
      (packet.poll ? POLL : 0) |
      (packet.final ? FINAL : 0) |
      (packet.controlPlaneIndependent ? CONTROL_PLANE_INDEPENDENT : 0) |
      (authenticationLength > 0 ? AUTHENTICATION_PRESENT : 0) |
      (packet.demand ? DEMAND : 0),
  );
  w.u8(packet.detectMult);
  w.u8(MANDATORY_LENGTH + authenticationLength);
  w.u32(packet.myDiscriminator);
  w.u32(packet.yourDiscriminator);
  w.u32(packet.desiredMinTxInterval);
  w.u32(packet.requiredMinRxInterval);
  w.u32(packet.requiredMinEchoRxInterval);
}
