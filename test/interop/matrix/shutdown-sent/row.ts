import { type Bench, eventually } from '../harness/bench.ts';
import type { DaemonName } from '../harness/network.ts';

const shown = (bench: Bench, daemon: DaemonName, message: string): Promise<unknown> =>
  eventually(
    'the message in our log',
    () => bench.log(daemon),
    (lines) => lines.some(({ error }) => String(error).includes(`6/2 Cease: Administrative Shutdown "${message}"`)),
  );

import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'shutdown communication of the peer shown by us',
  routes: { [PREFIX.ipv4]: {} },
  checks: {
    frr: async ({ frr, neighbor, name }, bench) => {
      await frr.configure('router bgp 64512', `neighbor ${neighbor} shutdown message planned work`);
      await shown(bench, name, 'planned work');
    },
    bird: async ({ bird, name }, bench) => {
      await bird.birdc('disable node "planned work"');
      await shown(bench, name, 'planned work');
    },
    gobgp: async ({ gobgp, neighbor, name }, bench) => {
      await gobgp.gobgp('neighbor', neighbor, 'shutdown', '--reason', 'planned work');
      await shown(bench, name, 'planned work');
    },
    exabgp: async ({ exabgp, neighbor, name }, bench) => {
      // Its text is always this.
      exabgp.command(`neighbor ${neighbor} teardown 2`);
      await shown(bench, name, 'Administrative Shutdown');
    },
  },
};
