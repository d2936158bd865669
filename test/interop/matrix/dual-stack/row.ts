import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'both families over one IPv4 session',
  routes: { [PREFIX.ipv4]: {}, [PREFIX.ipv6]: { nextHop: '2001:db8::10' } },
};
