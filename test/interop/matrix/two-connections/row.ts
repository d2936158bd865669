import { expect } from 'vitest';
import { type Bench, eventually } from '../harness/bench.ts';
import { type Capability, inRow, PREFIX } from '../harness/capability.ts';
import { holds } from '../harness/run-row.ts';

/**
 * What keeps two connections at the same point: the node's own SYNs are held back until the daemon has dialled, and whatever carries octets
 * until both connections stand, each with an OPEN under way in both directions.
 */
const HELD_BACK = `
table inet matrix {
  chain arriving {
    type filter hook input priority 0
    tcp dport 179 meta length > 66 drop
    tcp sport 179 meta length > 66 drop
  }
  chain leaving {
    type filter hook output priority 0
    tcp dport 179 tcp flags syn / syn,ack drop
  }
}
`;

/** How many connections stand, by who began them. */
async function connections({ network }: Bench): Promise<{ readonly theirs: number; readonly ours: number }> {
  const count = async (filter: string): Promise<number> => {
    const text = await network.node.run(['ss', '-Htn', 'state', 'established', filter]);
    return text.split('\n').filter((line) => line !== '').length;
  };
  return { theirs: await count('( sport = :179 )'), ours: await count('( dport = :179 )') };
}

async function collide(bench: Bench): Promise<void> {
  const { node } = bench.network;
  const daemons = inRow(row);
  await bench.speaker.stop('SIGTERM');
  await node.run(['nft', '-f', '-'], { input: HELD_BACK });
  bench.startSpeaker();
  const stand = (what: string, done: (count: { theirs: number; ours: number }) => boolean): Promise<unknown> =>
    eventually(what, () => connections(bench), done);
  await stand('the connections of the daemons', ({ theirs }) => theirs >= daemons.length);
  await node.run(['nft', 'flush', 'chain', 'inet', 'matrix', 'leaving']);
  await stand('those of the node', ({ theirs, ours }) => Math.min(theirs, ours) >= daemons.length);
  await node.run(['nft', 'delete', 'table', 'inet', 'matrix']);
  for (const daemon of daemons) {
    const session = await bench.ours(daemon, 'the end of the collision', ({ state, recorder }) => {
      const decided = recorder.some(({ notification }) => String(notification).startsWith('6/7'));
      return state === 'Established' && decided;
    });
    // The node has the higher identifier: its own connection is kept (RFC 4271 section 6.8).
    expect(session.negotiated?.direction).toBe('outgoing');
  }
  await stand('one connection each', ({ theirs, ours }) => theirs === 0 && ours === daemons.length);
}

export const row: Capability = {
  title: 'two connections at once, one is kept',
  notSupported: {
    gobgp: 'GoBGP closes every other connection while one is under way, and so never has two',
    exabgp: 'ExaBGP 4.2.21 loses itself where two connections stand: it closes one and sends no OPEN on the other',
  },
  slow: true,
  routes: { [PREFIX.ipv4]: {} },
  act: async (bench) => {
    for (let i = 0; i < 5; i++) await collide(bench);
  },
  checksAfter: {
    all: (subject, bench) => holds(subject, { [PREFIX.ipv4]: {} }, bench),
  },
};
