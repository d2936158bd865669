import { expect, it } from 'vitest';
import { RepeatedPacket } from './repeated-packet.ts';

const OCTETS = Uint8Array.from({ length: 24 }, (_, i) => i);

it('knows the packet that it was told last, and no other', () => {
  const packet = new RepeatedPacket();
  expect(packet.detectionTimeMs).toBeNull();
  packet.remember(OCTETS, 150);
  expect([packet.is(OCTETS), packet.detectionTimeMs]).toEqual([true, 150]);
  for (let i = 0; i < OCTETS.length; i++) expect(packet.is(OCTETS.with(i, 99))).toBe(false);
  expect([packet.is(OCTETS.subarray(1)), packet.is(new Uint8Array(25))]).toEqual([false, false]);
  packet.forget();
  expect(packet.detectionTimeMs).toBeNull();
});

it('does not remember what has more octets than it looks at', () => {
  const packet = new RepeatedPacket();
  packet.remember(new Uint8Array(26), 150);
  expect(packet.detectionTimeMs).toBeNull();
});
