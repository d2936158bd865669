import { expect } from 'vitest';
import { until } from '../../../../lab/run.ts';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'routes gone at once on our SIGTERM',
  routes: { [PREFIX.ipv4]: {} },
  act: async ({ speaker }) => {
    expect(await speaker.stop('SIGTERM')).toBe(0);
  },
  checksAfter: {
    // The hold time is 90 s: what goes within seconds was ended in order.
    all: async (subject) => {
      await until('no route', () => subject.route(PREFIX.ipv4), { timeoutMs: 5_000, done: (route) => route === null });
    },
  },
};
