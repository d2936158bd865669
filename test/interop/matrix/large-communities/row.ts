import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'large communities',
  routes: { [PREFIX.ipv4]: { communities: ['64512:100'], largeCommunities: ['64512:1:2', '4200000000:4294967295:0'] } },
};
