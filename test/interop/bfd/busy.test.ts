/** A minute of the soak `bfd`: 32 sessions of 100 ms x 3 while every processor is busy. */
import { expect, it } from 'vitest';
import { stageObstacle } from '../../../bench/bfd-stage.ts';
import { titled } from '../../../lab/requirements.ts';
import { SESSIONS, soakBfd } from '../../soak/bfd-run.ts';

const obstacle = (await stageObstacle([])) ?? undefined;

it.skipIf(obstacle !== undefined)(titled('no session is Down that has no reason to be', obstacle), async () => {
  const soaked = await soakBfd(60, (line) => void process.stdout.write(`${line}\n`));
  expect(soaked).toMatchObject({ downs: 0, up: [SESSIONS, SESSIONS] });
});
