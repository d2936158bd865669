import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, toHex } from '../wire/hex.ts';
import { ByteWriter } from '../wire/writer.ts';
import { decodeControlPacket, encodeControlPacket, MAX_LENGTH, type OutgoingPacket } from './packet.ts';
import { STATES } from './state.ts';

//            V/Diag  State+flags  Mult  Length  My        Your      TX        RX        Echo RX
const UP = hex('22      e8           03    18      0000002a  0000002b  000493e0  0000c350  0000c350');

const FIELDS: OutgoingPacket = {
  diagnostic: 2,
  state: 'Up',
  poll: true,
  final: false,
  controlPlaneIndependent: true,
  demand: false,
  detectMult: 3,
  myDiscriminator: 42,
  yourDiscriminator: 43,
  desiredMinTxInterval: 300_000,
  requiredMinRxInterval: 50_000,
  requiredMinEchoRxInterval: 50_000,
};

/** The same octets with some of them changed. */
function changed(changes: Readonly<Record<number, number>>, length = UP.length): Uint8Array {
  const octets = UP.slice(0, length);
  for (const [at, value] of Object.entries(changes)) octets[Number(at)] = value;
  return octets;
}

describe('a BFD Control packet', () => {
  it('is written and read as RFC 5880 section 4.1 draws it', () => {
    const w = new ByteWriter(MAX_LENGTH);
    encodeControlPacket(w, FIELDS, 0);
    expect(toHex(w.view())).toBe(toHex(UP));
    expect(decodeControlPacket(UP)).toEqual({
      ok: true,
      value: { version: 1, length: 24, multipoint: false, authenticationPresent: false, ...FIELDS },
    });
  });

  it.each([
    ['nothing', new Uint8Array(0), 'truncated'],
    ['one octet', changed({}, 1), 'truncated'],
    ['23 octets', changed({}, 23), 'truncated'],
    ['version 0', changed({ 0: 0x02 }), 'badVersion'],
    ['version 2 of a length that cannot be', changed({ 0: 0x42, 3: 0 }), 'badVersion'],
    ['another version, cut', changed({ 0: 0x42 }, 5), 'badVersion'],
    ['Length 23', changed({ 3: 23 }), 'lengthTooShort'],
    ['Length 24 with the A bit', changed({ 1: 0xcc }), 'lengthTooShort'],
    ['Length 25 of 24 octets', changed({ 3: 25 }), 'lengthBeyondPayload'],
    ['Length too long, and no Detect Mult', changed({ 2: 0, 3: 25 }), 'lengthBeyondPayload'],
    ['Detect Mult 0', changed({ 2: 0 }), 'zeroDetectMult'],
    ['Detect Mult 0 and the M bit', changed({ 1: 0xc1, 2: 0 }), 'zeroDetectMult'],
    ['the M bit', changed({ 1: 0xc1 }), 'multipoint'],
    ['the M bit, and no discriminator', changed({ 1: 0xc1, 7: 0 }), 'multipoint'],
    ['My Discriminator 0', changed({ 7: 0 }), 'zeroMyDiscriminator'],
    ['both discriminators 0', changed({ 7: 0, 11: 0 }), 'zeroMyDiscriminator'],
    ['Your Discriminator 0 in Up', changed({ 11: 0 }), 'zeroYourDiscriminator'],
    ['Your Discriminator 0 in Init', changed({ 1: 0x80, 11: 0 }), 'zeroYourDiscriminator'],
  ])('%s is dropped, by the first check of section 6.8.6 that fails', (_, octets, error) => {
    expect(decodeControlPacket(octets)).toEqual({ ok: false, error });
  });

  it.each([
    ['Down', 0x40],
    ['AdminDown', 0x00],
  ])('Your Discriminator may be 0 in %s', (state, flags) => {
    expect(decodeControlPacket(changed({ 1: flags, 11: 0 }))).toMatchObject({ ok: true, value: { state } });
  });

  it('may be followed by octets that its Length does not count', () => {
    expect(decodeControlPacket(new Uint8Array([...UP, 1, 2, 3]))).toMatchObject({ ok: true });
  });

  it('comes back as it was, whatever its fields', () => {
    const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const some = fc.integer({ min: 1, max: 2 ** 32 - 1 });
    const fields = fc.record<OutgoingPacket>({
      diagnostic: fc.integer({ min: 0, max: 31 }),
      state: fc.constantFrom(...STATES),
      poll: fc.boolean(),
      final: fc.boolean(),
      controlPlaneIndependent: fc.boolean(),
      demand: fc.boolean(),
      detectMult: fc.integer({ min: 1, max: 255 }),
      myDiscriminator: some,
      yourDiscriminator: some,
      desiredMinTxInterval: u32,
      requiredMinRxInterval: u32,
      requiredMinEchoRxInterval: u32,
    });
    fc.assert(
      fc.property(fields, (packet) => {
        const w = new ByteWriter(MAX_LENGTH);
        encodeControlPacket(w, packet, 0);
        expect(decodeControlPacket(w.view())).toMatchObject({ ok: true, value: packet });
      }),
    );
  });

  it('is decoded or dropped whatever the octets, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
        const decoded = decodeControlPacket(octets);
        expect(decoded.ok).toBe(decoded.ok && octets.length >= 24);
      }),
    );
  });
});
