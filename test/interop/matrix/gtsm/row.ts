import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'TTL security',
  routes: { [PREFIX.ipv4]: {} },
};
