import { expect } from 'vitest';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'peer only dials us',
  // FRR and BIRD cannot but listen: what the node dials does not arrive.
  prepare: async ({ network }) => {
    for (const namespace of network.daemons.values()) {
      const rules =
        'table inet matrix {\nchain input {\ntype filter hook input priority 0\ntcp dport 179 tcp flags syn / syn,ack drop\n}\n}\n';
      await namespace.run(['nft', '-f', '-'], { input: rules });
    }
  },
  routes: { [PREFIX.ipv4]: {} },
  checks: {
    all: async ({ name }, bench) => {
      expect((await bench.session(name)).negotiated?.direction).toBe('incoming');
    },
  },
};
