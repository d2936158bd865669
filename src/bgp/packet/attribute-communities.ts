/** COMMUNITIES (RFC 1997), EXTENDED_COMMUNITIES (RFC 4360) and LARGE_COMMUNITY (RFC 8092). */
import type { ByteReader } from '../../wire/reader.ts';
import type { LargeCommunity } from '../route.ts';
import { AttributeError, attributeCodec, OPTIONAL_TRANSITIVE } from './attribute.ts';
import { UpdateSubcode } from './constants.ts';

/** COMMUNITIES, as unsigned 32-bit numbers. */
export const communities = attributeCodec<'COMMUNITIES', readonly number[]>({
  name: 'COMMUNITIES',
  code: 8,
  category: OPTIONAL_TRANSITIVE,
  onMalformed: () => 'treat-as-withdraw',
  decode: (r) => list(r, 4, () => r.u32()),
  encode(w, value) {
    for (const community of value) w.u32(community);
  },
});

/** Each as one unsigned 64-bit number: its types are more than this engine has a use for yet. */
export const extendedCommunities = attributeCodec<'EXTENDED_COMMUNITIES', readonly bigint[]>({
  name: 'EXTENDED_COMMUNITIES',
  code: 16,
  category: OPTIONAL_TRANSITIVE,
  onMalformed: () => 'treat-as-withdraw',
  decode: (r) => list(r, 8, () => (BigInt(r.u32()) << 32n) | BigInt(r.u32())),
  encode(w, value) {
    for (const community of value) {
      w.u32(Number(community >> 32n));
      w.u32(Number(community & 0xffff_ffffn));
    }
  },
});

/** LARGE_COMMUNITY. */
export const largeCommunities = attributeCodec<'LARGE_COMMUNITY', readonly LargeCommunity[]>({
  name: 'LARGE_COMMUNITY',
  code: 32,
  category: OPTIONAL_TRANSITIVE,
  onMalformed: () => 'treat-as-withdraw',
  decode: (r) => list(r, 12, () => ({ globalAdministrator: r.u32(), localData1: r.u32(), localData2: r.u32() })),
  encode(w, value) {
    for (const community of value) {
      w.u32(community.globalAdministrator);
      w.u32(community.localData1);
      w.u32(community.localData2);
    }
  },
});

/** RFC 7606 sections 7.8, 7.14, RFC 8092 section 5: a non-zero multiple of the width. */
function list<T>(r: ByteReader, width: number, one: () => T): T[] {
  if (r.remaining === 0 || r.remaining % width !== 0) {
    throw new AttributeError(`${r.remaining} octets are no list of communities`, UpdateSubcode.AttributeLength);
  }
  const values: T[] = [];
  while (r.remaining > 0) values.push(one());
  return values;
}
