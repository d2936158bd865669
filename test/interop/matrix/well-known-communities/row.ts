import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'well-known communities',
  routes: { [PREFIX.ipv4]: { communities: ['65535:65281', '65535:65282', '65535:65283', '65535:65284'] } },
};
