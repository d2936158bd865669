import { expect } from 'vitest';
import { tcpCounter } from '../../../../lab/netns.ts';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'TCP MD5, IPv6',
  session: 'ipv6',
  routes: { [PREFIX.ipv6]: { nextHop: '2001:db8::10' } },
  checks: {
    // Whoever has a key drops what is not signed with it, so that the route alone proves the key; nothing was dropped on the way.
    all: async ({ namespace }) => {
      for (const counter of ['TCPMD5NotFound', 'TCPMD5Unexpected', 'TCPMD5Failure'])
        expect(await tcpCounter(namespace, counter), counter).toBe(0);
    },
  },
};
