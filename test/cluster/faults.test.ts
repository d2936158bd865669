/**
 * Faults of the cluster itself, with the product on it: what is announced stays announced, and what is new comes as soon as it can.
 *
 * METALLB_FAULT_FIGURES=FILE keeps a line of figures for each.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterObstacle } from '../../lab/cluster/cluster.ts';
import { titled } from '../../lab/requirements.ts';
import { ROOT } from '../../lab/speaker.ts';
import { bringAbout } from './faults/bring-about.ts';
import { faultsPage } from './faults/page.ts';
import { FaultStage } from './faults/stage.ts';
import { FAULTS } from './faults/table.ts';

const obstacle = await clusterObstacle(process.env);
const PAGE = join(ROOT, 'docs/reference/cluster-faults.md');

it('is what docs/reference/cluster-faults.md says', () => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(PAGE, faultsPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(faultsPage());
});

describe.skipIf(obstacle !== undefined)(titled('the product on a cluster with faults', obstacle), () => {
  let stage: FaultStage;
  beforeAll(async () => {
    stage = await FaultStage.open();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it.each(FAULTS)('$id: $fault', (fault) => bringAbout(stage, fault));
});
