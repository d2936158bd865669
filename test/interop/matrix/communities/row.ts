import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'standard communities',
  routes: { [PREFIX.ipv4]: { communities: ['64512:100', '64512:200'] } },
};
