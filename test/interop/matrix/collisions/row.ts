import { eventually } from '../harness/bench.ts';
import { type Capability, PREFIX } from '../harness/capability.ts';
import { DAEMONS } from '../harness/network.ts';
import { holds } from '../harness/run-row.ts';
import type { Subject } from '../harness/subject.ts';

/** The daemon's established TCP connections with port 179 at either end. */
async function connections({ namespace }: Subject): Promise<readonly string[]> {
  const text = await namespace.run(['ss', '-Htn', 'state', 'established', '( sport = :179 or dport = :179 )']);
  return text.split('\n').filter((line) => line !== '');
}

export const row: Capability = {
  title: 'both sides dial, twenty times',
  // GoBGP takes no connection for five seconds after each end.
  slow: true,
  routes: { [PREFIX.ipv4]: {} },
  act: async (bench) => {
    for (let i = 1; i <= 20; i++) {
      bench.edit((manifests) => manifests.replaceAll(/holdTime: \d+s/g, `holdTime: ${60 + i}s`));
      for (const daemon of DAEMONS)
        await bench.ours(
          daemon,
          `session ${i} with ${daemon}`,
          ({ state, negotiated }) => state === 'Established' && negotiated?.holdTimeSeconds === 60 + i,
        );
    }
  },
  checksAfter: {
    all: async (subject, bench) => {
      await holds(subject, { [PREFIX.ipv4]: {} }, bench);
      await eventually(
        'exactly one connection',
        () => connections(subject),
        (lines) => lines.length === 1,
      );
    },
  },
};
