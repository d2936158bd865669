/** ORIGIN, NEXT_HOP, MULTI_EXIT_DISC and LOCAL_PREF (RFC 4271 sections 5.1.1, 5.1.3 to 5.1.5). */
import { formatIp, type Ip, ipFromBytes, ipToBytes } from '../../net/ip.ts';
import { AttributeError, attributeCodec, OPTIONAL_NON_TRANSITIVE, WELL_KNOWN } from './attribute.ts';
import { UpdateSubcode } from './constants.ts';

/** How the origin AS came to know the prefix. */
export type Origin = 'igp' | 'egp' | 'incomplete';

const ORIGINS: readonly Origin[] = ['igp', 'egp', 'incomplete'];

/** ORIGIN. */
export const origin = attributeCodec<'ORIGIN', Origin>({
  name: 'ORIGIN',
  code: 1,
  category: WELL_KNOWN,
  onMalformed: () => 'treat-as-withdraw',
  decode(r) {
    const value = r.u8();
    const name = ORIGINS[value];
    if (name === undefined) throw new AttributeError(`ORIGIN ${value}`, UpdateSubcode.InvalidOrigin);
    return name;
  },
  encode: (w, value) => w.u8(ORIGINS.indexOf(value)),
});

/** NEXT_HOP, an IPv4 address. */
export const nextHop = attributeCodec<'NEXT_HOP', Ip>({
  name: 'NEXT_HOP',
  code: 3,
  category: WELL_KNOWN,
  onMalformed: () => 'treat-as-withdraw',
  decode: (r) => ipFromBytes(r.bytes(4)),
  validate(address) {
    // Section 6.3: syntactically correct means a valid host address. 0/8, 127/8 and 224/3 are none.
    const first = Number(address.value >> 24n);
    const host = first !== 0 && first !== 127 && first < 224;
    return host ? null : new AttributeError(`${formatIp(address)} is no host address`, UpdateSubcode.InvalidNextHop);
  },
  encode: (w, value) => w.bytes(ipToBytes(value)),
});

/** MULTI_EXIT_DISC. */
export const med = attributeCodec<'MULTI_EXIT_DISC', number>({
  name: 'MULTI_EXIT_DISC',
  code: 4,
  category: OPTIONAL_NON_TRANSITIVE,
  onMalformed: () => 'treat-as-withdraw',
  decode: (r) => r.u32(),
  encode: (w, value) => w.u32(value),
});

/** LOCAL_PREF. */
export const localPref = attributeCodec<'LOCAL_PREF', number>({
  name: 'LOCAL_PREF',
  code: 5,
  category: WELL_KNOWN,
  onMalformed: () => 'treat-as-withdraw',
  // RFC 7606 section 7.5: from an external peer it is discarded, well-formed or not.
  accepted: (context) => context.internal,
  decode: (r) => r.u32(),
  encode: (w, value) => w.u32(value),
});
