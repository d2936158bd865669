import { expect } from 'vitest';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'peer only waits for us',
  routes: { [PREFIX.ipv4]: {} },
  checks: {
    all: async ({ name }, bench) => {
      expect((await bench.session(name)).negotiated?.direction).toBe('outgoing');
    },
  },
};
