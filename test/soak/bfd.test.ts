/** 32 BFD sessions of 100 ms x 3 for 30 minutes while every processor is busy: none is Down. */
import { expect, it } from 'vitest';
import { stageObstacle } from '../../bench/bfd-stage.ts';
import { titled } from '../../lab/requirements.ts';
import { SESSIONS, soakBfd } from './bfd-run.ts';

const SECONDS = 30 * 60;
const obstacle = (await stageObstacle([])) ?? undefined;

it.skipIf(obstacle !== undefined)(
  titled('no session is Down that has no reason to be', obstacle),
  async () => {
    const soaked = await soakBfd(SECONDS, (line) => void process.stdout.write(`${line}\n`));
    expect(soaked).toMatchObject({ downs: 0, up: [SESSIONS, SESSIONS] });
  },
  (SECONDS + 120) * 1_000,
);
