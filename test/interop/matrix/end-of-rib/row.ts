import { says, tells } from '../harness/bench.ts';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'End-of-RIB seen by the peer',
  routes: { [PREFIX.ipv4]: {}, [PREFIX.ipv6]: { nextHop: '2001:db8::10' } },
  checks: {
    frr: says(/rcvd End-of-RIB for IPv4 Unicast from .*rcvd End-of-RIB for IPv6 Unicast from /s),
    bird: says(/Got END-OF-RIB.*Got END-OF-RIB/s),
    // AFI in the upper half, SAFI in the lower.
    gobgp: says(/"AddressFamily":65537,[^\n]*"EOR received".*"AddressFamily":131073,[^\n]*"EOR received"/s),
    exabgp: tells(/"eor":\{"afi":"ipv4","safi":"unicast"\}.*"eor":\{"afi":"ipv6","safi":"unicast"\}/s),
  },
};
