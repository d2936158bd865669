import { says, tells } from '../harness/bench.ts';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'enhanced route refresh',
  notSupported: { gobgp: 'GoBGP does not offer enhanced route refresh' },
  routes: { [PREFIX.ipv4]: {} },
  checks: {
    all: async (subject) => {
      await subject.askRefresh();
    },
    frr: says(/rcvd route-refresh \(BoRR\) for IPv4.*rcvd route-refresh \(EoRR\) for IPv4/s),
    bird: says(/Got BEGIN-OF-RR.*Got END-OF-RR/s),
    exabgp: tells(/"subtype":"begin".*"subtype":"end"/s),
  },
};
