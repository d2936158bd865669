import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'eBGP, IPv4',
  routes: { [PREFIX.ipv4]: {}, [PREFIX.ipv6]: null },
};
