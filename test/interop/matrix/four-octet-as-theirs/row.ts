import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'four-octet AS of theirs',
  routes: { [PREFIX.ipv4]: {} },
};
