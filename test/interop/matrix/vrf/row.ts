import type { Capability } from '../harness/capability.ts';

export const row: Capability = {
  title: 'VRF',
  notSupported: 'the kernel that the matrix was made on has no VRF devices',
};
