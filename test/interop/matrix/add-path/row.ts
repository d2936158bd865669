import { type Capability, PREFIX } from '../harness/capability.ts';
import { GobgpSubject } from '../harness/subject-gobgp.ts';

export const row: Capability = {
  title: 'peer offers ADD-PATH',
  routes: { [PREFIX.ipv4]: {} },
  checks: {
    all: async (subject, bench) => {
      if (subject instanceof GobgpSubject) await subject.gobgp.gobgp('global', 'rib', 'add', '203.0.113.0/24');
      await bench.ours(subject.name, 'a route', ({ prefixes }) => prefixes.received > 0);
      await bench.unbroken(subject.name);
    },
  },
};
