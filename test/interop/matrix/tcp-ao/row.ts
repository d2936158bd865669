import type { Capability } from '../harness/capability.ts';

export const row: Capability = {
  title: 'TCP-AO',
  notSupported: 'the kernel that the matrix was made on is built without CONFIG_TCP_AO',
};
