import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'eBGP, IPv6',
  session: 'ipv6',
  routes: { [PREFIX.ipv6]: { nextHop: '2001:db8::10' }, [PREFIX.ipv4]: null },
};
