/** ONLY_TO_CUSTOMER (RFC 9234): read, never originated. Roles are not negotiated, so a receiver has nothing to check it against. */
import { AttributeError, attributeCodec, OPTIONAL_TRANSITIVE } from './attribute.ts';
import { UpdateSubcode } from './constants.ts';

/** The AS number that the route may only go down from. */
export const onlyToCustomer = attributeCodec<'ONLY_TO_CUSTOMER', number>({
  name: 'ONLY_TO_CUSTOMER',
  code: 35,
  category: OPTIONAL_TRANSITIVE,
  onMalformed: () => 'treat-as-withdraw',
  decode: (r) => r.u32(),
  validate: (asn) => (asn === 0 ? new AttributeError('AS 0 (RFC 7607)', UpdateSubcode.OptionalAttribute) : null),
  encode: (w, value) => w.u32(value),
});
