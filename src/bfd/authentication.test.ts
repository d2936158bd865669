import { describe, expect, it } from 'vitest';
import { Secret } from '../secret.ts';
import { hex, toHex } from '../wire/hex.ts';
import { ByteWriter } from '../wire/writer.ts';
import { Authentication, type AuthenticationConfig } from './authentication.ts';
import { AUTHENTICATION_TYPES, type AuthenticationType } from './authentication-section.ts';
import { type ControlPacket, encodeControlPacket, MAX_LENGTH, parseControlPacket } from './packet.ts';

const DETECT_MULT = 3;

const config = (type: AuthenticationType, password = 'swordfish', id = 7): AuthenticationConfig => ({
  type,
  keys: [{ id, secret: new Secret(password) }],
  sendKeyId: id,
});

/** The first sequence number that is sent is one more than the random one: so this begins at the end of the circle. */
const AT_THE_END = (): number => (2 ** 32 - 2) / 2 ** 32;

function signed(authentication: Authentication, changes: { state?: 'Up' | 'Init' } = {}): Uint8Array {
  const w = new ByteWriter(MAX_LENGTH);
  encodeControlPacket(
    w,
    {
      diagnostic: 0,
      state: changes.state ?? 'Up',
      poll: false,
      final: false,
      controlPlaneIndependent: false,
      demand: false,
      detectMult: DETECT_MULT,
      myDiscriminator: 0x11,
      yourDiscriminator: 0x22,
      desiredMinTxInterval: 300_000,
      requiredMinRxInterval: 300_000,
      requiredMinEchoRxInterval: 0,
    },
    authentication.sectionLength,
  );
  authentication.sign(w);
  return w.toBytes();
}

const verify = (authentication: Authentication, octets: Uint8Array) =>
  authentication.verify(octets, parseControlPacket(octets) as ControlPacket, DETECT_MULT);

describe('authentication', () => {
  // Digests by Python's hashlib over the packet with the key "swordfish", padded with zeros, in the digest's place (RFC 5880 sections 6.7.3 and 6.7.4).
  //                 mandatory section, A bit set                       type len key 00 sequence  digest
  it.each([
    ['simplePassword', '20c403240000001100000022000493e0000493e000000000 01 0c 07 73776f726466697368'],
    [
      'keyedMd5',
      '20c403300000001100000022000493e0000493e000000000 02 18 07 00 ffffffff b22cc070858ec668ba6a6690c6d68f8d',
    ],
    [
      'meticulousKeyedMd5',
      '20c403300000001100000022000493e0000493e000000000 03 18 07 00 ffffffff e3c3fdf79c5e70ac492a902a2b24b23c',
    ],
    [
      'keyedSha1',
      '20c403340000001100000022000493e0000493e000000000 04 1c 07 00 ffffffff ab65e22d4669669daf08ddf43f0511f6b8ea684e',
    ],
    [
      'meticulousKeyedSha1',
      '20c403340000001100000022000493e0000493e000000000 05 1c 07 00 ffffffff 3f028cbe5e5ced468cebd16fb101e53dd807c57c',
    ],
  ] as const)('%s is written as the RFC says, and taken', (type, octets) => {
    const sender = new Authentication(config(type), AT_THE_END, null);
    expect(toHex(signed(sender))).toBe(toHex(hex(octets)));
    expect(verify(new Authentication(config(type), Math.random, null), hex(octets))).toBeNull();
  });

  it.each(AUTHENTICATION_TYPES)(
    '%s: a wrong key, another key ID, another type and a section that is cut are told apart',
    (type) => {
      const octets = signed(new Authentication(config(type), AT_THE_END, null));
      const judgedBy = (by: AuthenticationConfig, packet = octets) =>
        verify(new Authentication(by, () => 0, null), packet);
      expect(judgedBy(config(type, 'swordfisH'))).toBe('authenticationDigest');
      expect(judgedBy(config(type, 'swordfish', 8))).toBe('authenticationKeyId');
      const other = type === 'keyedMd5' ? 'keyedSha1' : 'keyedMd5';
      expect(judgedBy(config(other))).toBe('authenticationType');
      const cut = octets.slice();
      cut[3] = 26;
      expect(judgedBy(config(type), cut)).toBe('authenticationMalformed');
      const longer = octets.slice();
      longer[25] = 2;
      expect(judgedBy(config(type), longer)).toBe('authenticationMalformed');
      const plain = octets.slice(0, 24);
      plain[1] = 0xc0;
      expect(judgedBy(config(type), plain)).toBe('missingAuthentication');
    },
  );

  it('a digest covers every octet before it', () => {
    const octets = signed(new Authentication(config('keyedSha1'), AT_THE_END, null));
    for (const at of [0, 4, 8, 12, 16, 20, 27]) {
      const changed = octets.slice();
      changed[at] = (changed[at] as number) ^ 0x10;
      // Octet 0: version or diagnostic; whichever, the digest is not of this packet.
      expect(verify(new Authentication(config('keyedSha1'), () => 0, null), changed)).toBe('authenticationDigest');
    }
  });

  describe('sequence numbers', () => {
    it('meticulous: rise with every packet, around the end; each is taken once, and none from before', () => {
      const sender = new Authentication(config('meticulousKeyedMd5'), AT_THE_END, null);
      const receiver = new Authentication(config('meticulousKeyedMd5'), () => 0, null);
      const packets = Array.from({ length: 4 }, () => signed(sender));
      expect(packets.map((packet) => toHex(packet.subarray(28, 32)))).toEqual([
        'ffffffff',
        '00000000',
        '00000001',
        '00000002',
      ]);
      const [first, second, third, fourth] = packets as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      expect(verify(receiver, first)).toBeNull();
      expect(verify(receiver, first)).toBe('authenticationSequence'); // a replay
      expect(verify(receiver, third)).toBeNull();
      expect(verify(receiver, second)).toBe('authenticationSequence'); // too late
      expect(verify(receiver, fourth)).toBeNull();
    });

    it('not meticulous: rise with what is said, and the last one is taken again', () => {
      const sender = new Authentication(config('keyedMd5'), () => 0, null);
      const receiver = new Authentication(config('keyedMd5'), () => 0, null);
      const numbers = [signed(sender), signed(sender), signed(sender, { state: 'Init' })].map((packet) => {
        expect(verify(receiver, packet)).toBeNull();
        return toHex(packet.subarray(28, 32));
      });
      expect(numbers).toEqual(['00000001', '00000001', '00000002']);
    });

    it('up to three times Detect Mult ahead are taken, further ones not, until the number is forgotten', () => {
      const sender = new Authentication(config('meticulousKeyedSha1'), () => 0, null);
      const packets = Array.from({ length: 21 }, () => signed(sender));
      const receiver = new Authentication(config('meticulousKeyedSha1'), () => 0, null);
      expect(verify(receiver, packets[0] as Uint8Array)).toBeNull();
      expect(verify(receiver, packets[10] as Uint8Array)).toBe('authenticationSequence');
      expect(verify(receiver, packets[9] as Uint8Array)).toBeNull();
      expect(verify(receiver, packets[20] as Uint8Array)).toBe('authenticationSequence');
      receiver.forgetSequence();
      expect(verify(receiver, packets[20] as Uint8Array)).toBeNull();
    });

    it('a packet with a wrong digest moves no window', () => {
      const sender = new Authentication(config('meticulousKeyedMd5'), () => 0, null);
      const receiver = new Authentication(config('meticulousKeyedMd5'), () => 0, null);
      const forged = signed(new Authentication(config('meticulousKeyedMd5', 'guessed'), () => 0.5, null));
      expect(verify(receiver, forged)).toBe('authenticationDigest');
      expect(verify(receiver, signed(sender))).toBeNull();
      expect(verify(receiver, forged)).toBe('authenticationSequence');
      expect(verify(receiver, signed(sender))).toBeNull();
    });

    it('go on through a change of keys, during which both keys are taken', () => {
      const old = { id: 1, secret: new Secret('old') };
      const next = { id: 2, secret: new Secret('new') };
      const type = 'meticulousKeyedMd5' as const;
      const sender = new Authentication({ type, keys: [old], sendKeyId: 1 }, () => 0, null);
      const receiver = new Authentication({ type, keys: [old], sendKeyId: 1 }, () => 0, null);
      expect(verify(receiver, signed(sender))).toBeNull();
      const both = new Authentication({ type, keys: [old, next], sendKeyId: 1 }, () => 0.9, receiver);
      const changed = new Authentication({ type, keys: [old, next], sendKeyId: 2 }, () => 0.9, sender);
      expect(verify(both, signed(sender))).toBeNull();
      expect(verify(both, signed(changed))).toBe('authenticationSequence'); // the same number as the one before, of the other key
      expect(verify(both, signed(changed))).toBeNull();
    });
  });

  it.each([
    ['an empty key', config('keyedMd5', '')],
    ['a key of 17 octets for MD5', config('keyedMd5', 'x'.repeat(17))],
    ['a key of 21 octets for SHA1', config('keyedSha1', 'x'.repeat(21))],
    ['a password of 17 octets', config('simplePassword', 'x'.repeat(17))],
    ['a key ID of 256', config('keyedMd5', 'x', 256)],
    ['no key to send with', { ...config('keyedMd5'), sendKeyId: 9 }],
  ])('refuses %s, without printing it', (_, wrong) => {
    expect(() => new Authentication(wrong, () => 0, null)).toThrow(RangeError);
    expect(() => new Authentication(wrong, () => 0, null)).not.toThrow(/xxx/);
  });
});
