import { eventually } from '../harness/bench.ts';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'route refresh asked by the peer',
  notSupported: { gobgp: 'GoBGP keeps all that it received, judges that anew (softresetin), and never asks' },
  routes: { [PREFIX.ipv4]: {} },
  checks: {
    all: async (subject, bench) => {
      const before = await subject.updatesReceived();
      await subject.askRefresh();
      await bench.ours(
        subject.name,
        'a ROUTE-REFRESH',
        (session) => (session.messagesReceived['ROUTE-REFRESH'] ?? 0) > 0,
      );
      await eventually(
        'UPDATEs in answer',
        () => subject.updatesReceived(),
        (count) => count > before,
      );
      await bench.unbroken(subject.name);
    },
  },
};
