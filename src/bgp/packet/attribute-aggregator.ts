/** ATOMIC_AGGREGATE, AGGREGATOR and AS4_AGGREGATOR (RFC 4271 sections 5.1.6 and 5.1.7, RFC 6793): read, never originated. */
import { type Ip, ipFromBytes, ipToBytes } from '../../net/ip.ts';
import type { ByteReader } from '../../wire/reader.ts';
import { AttributeError, attributeCodec, OPTIONAL_TRANSITIVE, WELL_KNOWN } from './attribute.ts';
import { AS_TRANS, UpdateSubcode } from './constants.ts';

/** Who aggregated the route. */
export interface Aggregator {
  readonly asn: number;
  readonly address: Ip;
}

/** ATOMIC_AGGREGATE: there or not. */
export const atomicAggregate = attributeCodec<'ATOMIC_AGGREGATE', null>({
  name: 'ATOMIC_AGGREGATE',
  code: 6,
  category: WELL_KNOWN,
  onMalformed: () => 'attribute-discard',
  decode: () => null,
  encode: () => undefined,
});

/** AGGREGATOR, its AS number as wide as was negotiated. */
export const aggregator = attributeCodec<'AGGREGATOR', Aggregator>({
  name: 'AGGREGATOR',
  code: 7,
  category: OPTIONAL_TRANSITIVE,
  onMalformed: () => 'attribute-discard',
  decode: (r, context) => decode(r, context.fourOctetAs),
  encode(w, value, context) {
    if (context.fourOctetAs) w.u32(value.asn);
    else w.u16(value.asn > 0xffff ? AS_TRANS : value.asn);
    w.bytes(ipToBytes(value.address));
  },
});

/** AS4_AGGREGATOR, of speakers that know two octets only. */
export const as4Aggregator = attributeCodec<'AS4_AGGREGATOR', Aggregator>({
  name: 'AS4_AGGREGATOR',
  code: 18,
  category: OPTIONAL_TRANSITIVE,
  onMalformed: () => 'attribute-discard',
  accepted: (context) => !context.fourOctetAs,
  decode: (r) => decode(r, true),
  encode(w, value) {
    w.u32(value.asn);
    w.bytes(ipToBytes(value.address));
  },
});

function decode(r: ByteReader, fourOctet: boolean): Aggregator {
  const asn = fourOctet ? r.u32() : r.u16();
  if (asn === 0) throw new AttributeError('aggregator of AS 0 (RFC 7607)', UpdateSubcode.OptionalAttribute);
  return { asn, address: ipFromBytes(r.bytes(4)) };
}
