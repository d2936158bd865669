import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'more than one hop',
  topology: 'routed',
  routes: { [PREFIX.ipv4]: {} },
};
