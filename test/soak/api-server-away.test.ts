/** The API server away for five minutes on a real cluster: 12 sessions and every route stay, and all goes on afterwards. About 7 minutes; root. */
import { expect, it } from 'vitest';
import { clusterObstacle } from '../../lab/cluster/cluster.ts';
import { bringAbout } from '../cluster/faults/bring-about.ts';
import { FaultStage } from '../cluster/faults/stage.ts';
import { apiServerAway } from '../cluster/faults/table.ts';

it('keeps every session and route', async () => {
  expect(await clusterObstacle(process.env)).toBeUndefined();
  await using stage = await FaultStage.open();
  await bringAbout(stage, apiServerAway('api-server-away-5-minutes', 300_000, '5 minutes'));
});
