/** The fail-over lab as a test: a node that is cut off in three ways leaves the forwarding tables of FRR and BIRD by BFD, not by the hold time. */
import { expect, it } from 'vitest';
import { FailoverNetwork, type Failure } from '../../lab/failover/network.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { Sandbox } from '../../lab/sandbox.ts';

const obstacle = await testObstacle('root', ['frr', 'bird2', 'nftables', 'tshark']);
/** The lab measures; here a machine that has other work is allowed for. The hold time is 90 s. */
const WITHIN_MS = 3_000;

it.skipIf(obstacle !== undefined)(titled('a node that is gone is gone within a second or so', obstacle), async () => {
  await using sandbox = new Sandbox('root');
  const network = await FailoverNetwork.build(sandbox, { intervalMs: 300, multiplier: 3 });
  try {
    for (const failure of ['silent cut', 'carrier lost', 'speaker stopped'] satisfies readonly Failure[]) {
      await network.untilUp();
      const { sites } = await network.measure(failure, 20_000);
      process.stdout.write(`${failure}: ${JSON.stringify(sites)}\n`);
      expect(sites.map(({ router }) => router.split(' ')[0])).toEqual(['FRR', 'BIRD']);
      for (const { bfdDownMs, routeGoneMs } of sites) {
        expect(bfdDownMs).toBeLessThan(WITHIN_MS);
        expect(routeGoneMs).toBeLessThan(WITHIN_MS);
      }
    }
  } finally {
    await network.stopWatching();
  }
});
