import { expect } from 'vitest';
import { tells } from '../harness/bench.ts';
import { type Capability, PREFIX } from '../harness/capability.ts';

const NETWORKS = Array.from({ length: 1_100 }, (_, i) => `10.${64 + (i >> 8)}.${i & 255}.0/24`);

export const row: Capability = {
  title: 'extended messages taken',
  notSupported: { gobgp: 'GoBGP does not know extended messages' },
  configure: {
    frr: (text) =>
      text.replace('! The matrix puts 1,100 networks here.', NETWORKS.map((net) => `network ${net}`).join('\n  ')),
    bird: (text) =>
      text.replace(
        '# The matrix puts 1,100 routes here.',
        NETWORKS.map((net) => `route ${net} blackhole;`).join('\n  '),
      ),
  },
  routes: { [PREFIX.ipv4]: {} },
  checks: {
    frr: tells(/Extended Message: advertised and received/i),
    bird: tells(/Extended message.*Extended message/s),
    exabgp: async ({ exabgp }) => {
      const communities = Array.from({ length: 400 }, (_, i) => `64512:1:${i}`);
      exabgp.command(`announce route 203.0.113.0/24 next-hop self large-community [ ${communities.join(' ')} ]`);
    },
  },
  checksAfter: {
    all: async ({ name }, bench) => {
      const session = await bench.ours(name, 'an UPDATE of more than 4096 octets', ({ recorder }) =>
        recorder.some(
          ({ event, message, octets }) => event === 'received' && message === 'UPDATE' && Number(octets) > 4096,
        ),
      );
      await bench.unbroken(name);
      expect(session.prefixes.received).toBeGreaterThan(0);
    },
  },
};
