import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'localASN',
  routes: { [PREFIX.ipv4]: { asPath: [64999] } },
};
