/**
 * Octets to BFD Control packets in the form of the contract (docs/offline-commands.md), by the decoder of the sessions. Total: no octets make it throw.
 *
 * A datagram has one packet. Octets that go on where a packet ends are the next one, if they are enough for one.
 */
import { type AuthenticationSection, parseAuthenticationSection } from '../../bfd/authentication-section.ts';
import { DROP_REASON_TEXT, type DropReason } from '../../bfd/drop-reason.ts';
import {
  type ControlPacket,
  decodeControlPacket,
  MANDATORY_LENGTH,
  parseControlPacket,
  receptionErrors,
} from '../../bfd/packet.ts';
import { diagnosticName } from '../../bfd/state.ts';
import { toHex } from '../../wire/hex.ts';

/** What is wrong with a packet. All but the first of those that have it dropped would have been found later. */
export interface BfdErrorJson {
  readonly reason: DropReason | 'pollAndFinal';
  readonly message: string;
}

export interface AuthenticationJson {
  /** `unknown` where there is no such type, or the section has not its form. */
  readonly type: AuthenticationSection['type'] | 'unknown';
  readonly typeCode: number;
  readonly length: number;
  readonly keyId: number | null;
  readonly sequenceNumber: number | null;
  readonly digest: string | null;
}

/** A packet; where there are fewer than 24 octets, no more than its verdict. */
export type BfdMessageJson = {
  readonly type: 'BFD';
  readonly length: number;
  readonly verdict: 'accept' | 'discard';
  readonly errors: readonly BfdErrorJson[];
} & Partial<BfdFields>;

type BfdFields = Omit<ControlPacket, 'diagnostic' | 'length'> & {
  readonly diagnostic: string;
  readonly diagnosticCode: number;
  readonly authentication: AuthenticationJson | null;
};

/** Decodes packets until the octets end. */
export function* decodeBfdMessages(octets: Uint8Array): Generator<BfdMessageJson, void, undefined> {
  for (let at = 0; at < octets.length; ) {
    const rest = octets.subarray(at);
    const length = lengthOf(rest);
    yield decodeOne(rest.subarray(0, length));
    at += length;
  }
}

/** How many octets of these the first packet has: as its header says, unless that cannot be, or leaves too few for another. */
function lengthOf(octets: Uint8Array): number {
  const said = parseControlPacket(octets)?.length ?? 0;
  return said >= MANDATORY_LENGTH && said + MANDATORY_LENGTH <= octets.length ? said : octets.length;
}

function decodeOne(octets: Uint8Array): BfdMessageJson {
  const packet = parseControlPacket(octets);
  const decoded = decodeControlPacket(octets);
  const verdict = decoded.ok ? 'accept' : 'discard';
  if (packet === null) {
    const errors = decoded.ok ? [] : [errorJson(decoded.error)];
    return { type: 'BFD', length: octets.length, verdict, errors };
  }
  const { length, version, diagnostic, ...fields } = packet;
  const errors = receptionErrors(packet, octets.length).map(errorJson);
  const authentication = authenticationJson(octets, packet);
  if (authentication?.type === 'unknown') errors.push(errorJson('authenticationMalformed'));
  // Section 6.5 forbids it; section 6.8.6 takes it.
  if (packet.poll && packet.final) errors.push({ reason: 'pollAndFinal', message: 'the P and the F bit are both set' });
  return {
    type: 'BFD',
    length,
    version,
    diagnostic: diagnosticName(diagnostic),
    diagnosticCode: diagnostic,
    ...fields,
    authentication,
    verdict,
    errors,
  };
}

const errorJson = (reason: DropReason): BfdErrorJson => ({ reason, message: DROP_REASON_TEXT[reason] });

/** A password is not printed: what this prints ends in tickets. */
function authenticationJson(octets: Uint8Array, packet: ControlPacket): AuthenticationJson | null {
  const [typeCode, length] = octets.subarray(MANDATORY_LENGTH, Math.min(packet.length, octets.length));
  if (!packet.authenticationPresent || typeCode === undefined || length === undefined) return null;
  const section = packet.length <= octets.length ? parseAuthenticationSection(octets, packet) : null;
  return {
    type: section?.type ?? 'unknown',
    typeCode,
    length,
    keyId: section?.keyId ?? null,
    sequenceNumber: section !== null && 'digest' in section ? section.sequenceNumber : null,
    digest: section !== null && 'digest' in section ? toHex(section.digest) : null,
  };
}
