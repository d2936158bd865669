import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'AS-path prepend',
  routes: { [PREFIX.ipv4]: { asPath: [64513, 64513, 64513, 64513] } },
};
