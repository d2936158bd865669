import { expect } from 'vitest';
import { eventually } from '../harness/bench.ts';
import type { Capability } from '../harness/capability.ts';

export const row: Capability = {
  title: 'maximum of prefixes of the peer exceeded by us',
  notSupported: { exabgp: 'ExaBGP has no limit of prefixes' },
  checks: {
    all: async ({ name }, bench) => {
      const log = await eventually(
        'the NOTIFICATION',
        () => bench.log(name),
        (lines) => lines.some(({ cause }) => cause === 'maxPrefixes'),
      );
      expect(log.find(({ cause }) => cause === 'maxPrefixes')?.error).toContain(
        '6/1 Cease: Maximum Number of Prefixes Reached',
      );
    },
  },
};
