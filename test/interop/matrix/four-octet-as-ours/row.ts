import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'four-octet AS of ours',
  routes: { [PREFIX.ipv4]: { asPath: [4200000000] } },
};
