import { says } from '../harness/bench.ts';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'shutdown communication of ours shown by the peer',
  notSupported: {
    exabgp: 'ExaBGP 4.2.21 fails at reading any shutdown communication (bytes % str under Python 3) and answers 1/0',
  },
  routes: { [PREFIX.ipv4]: {} },
  act: async ({ speaker }) => {
    await speaker.stop('SIGTERM');
  },
  checksAfter: {
    frr: says(/6\/2 \(Cease\/Administrative Shutdown\).*"speaker shutting down"/),
    bird: says(/Received: Administrative shutdown: "speaker shutting down"/),
    gobgp: says(/"Code":6,"Communicated-Reason":"speaker shutting down".*"Subcode":2/),
  },
};
