import { expect } from 'vitest';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'hold time of 3 s on their side',
  routes: { [PREFIX.ipv4]: {} },
  checks: {
    all: async ({ name }, bench) => {
      expect((await bench.session(name)).negotiated?.holdTimeSeconds).toBe(3);
      // One KEEPALIVE a second in each direction: two hold times and more, without an end between them.
      await bench.ours(
        name,
        'eight KEEPALIVEs each way',
        ({ messagesReceived, messagesSent }) =>
          Math.min(messagesReceived.KEEPALIVE ?? 0, messagesSent.KEEPALIVE ?? 0) >= 8,
      );
      await bench.unbroken(name);
    },
  },
};
