/** ORIGINATOR_ID and CLUSTER_LIST (RFC 4456): read from internal peers, never originated. */
import { AttributeError, attributeCodec, OPTIONAL_NON_TRANSITIVE } from './attribute.ts';
import { UpdateSubcode } from './constants.ts';

/** A BGP identifier, as an unsigned 32-bit number. */
export const originatorId = attributeCodec<'ORIGINATOR_ID', number>({
  name: 'ORIGINATOR_ID',
  code: 9,
  category: OPTIONAL_NON_TRANSITIVE,
  onMalformed: () => 'treat-as-withdraw',
  accepted: (context) => context.internal,
  decode: (r) => r.u32(),
  encode: (w, value) => w.u32(value),
});

/** The clusters that the route has passed, as unsigned 32-bit numbers. */
export const clusterList = attributeCodec<'CLUSTER_LIST', readonly number[]>({
  name: 'CLUSTER_LIST',
  code: 10,
  category: OPTIONAL_NON_TRANSITIVE,
  onMalformed: () => 'treat-as-withdraw',
  accepted: (context) => context.internal,
  decode(r) {
    if (r.remaining === 0 || r.remaining % 4 !== 0) {
      throw new AttributeError(`CLUSTER_LIST of ${r.remaining} octets`, UpdateSubcode.AttributeLength);
    }
    const ids: number[] = [];
    while (r.remaining > 0) ids.push(r.u32());
    return ids;
  },
  encode(w, value) {
    for (const id of value) w.u32(id);
  },
});
