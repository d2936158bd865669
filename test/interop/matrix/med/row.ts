import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'MED',
  routes: { [PREFIX.ipv4]: { med: 77 } },
};
