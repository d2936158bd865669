import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'dynamicASN',
  routes: { [PREFIX.ipv4]: {} },
};
