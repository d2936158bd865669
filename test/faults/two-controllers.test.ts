/**
 * Two controllers and one lease, one of which is stopped for a while, as by a debugger or a host that swaps. Worse than in earnest: what comes over
 * the network reaches it all the same, while none of its timers does.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningController } from '../../src/controller/run.ts';
import type { Clock } from '../../src/time/clock.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';
import { controllerOn } from './controller-subject.ts';
import { FaultStage } from './stage.ts';

/** Tells the time of another clock, and holds its own timers while it is stopped. */
class StoppableClock implements Clock {
  readonly #timers = new VirtualClock();
  readonly #time: Clock;

  constructor(time: Clock) {
    this.#time = time;
  }

  now(): number {
    return this.#time.now();
  }

  after(ms: number, fn: () => void): () => void {
    // Due at a time, not after so much running.
    return this.#timers.after(this.now() + ms - this.#timers.now(), fn);
  }

  /** Runs what is due at `at`, or by now. */
  catchUp(at: number = this.now()): void {
    this.#timers.advance(Math.max(0, Math.min(at, this.now()) - this.#timers.now()));
  }
}

let stage: FaultStage;
beforeEach(async () => {
  stage = await FaultStage.open();
  stage.pool('web', '10.0.0.0/16');
});
afterEach(() => stage.close());

/** Lets time pass for the server and whoever is on its clock, and for these. */
async function run(ms: number, running: readonly StoppableClock[] = [], stepMs = 250): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    await stage.run(Math.min(stepMs, left), stepMs);
    for (const clock of running) clock.catchUp();
    await stage.settle();
  }
}

const bothLead = (a: RunningController, b: RunningController): boolean => a.leading() && b.leading();

const writesOf = (client: string): number =>
  stage
    .takeWrites()
    .filter((write) => write.client === client && write.resource === 'services')
    .reduce((sum, { count }) => sum + count, 0);

describe('a leader that is stopped for a minute', () => {
  it.each([
    ['wakes up all at once', 60_000],
    ['wakes up a little at a time', 500],
  ])('%s, and writes nothing more: another one leads', async (_, jumpMs) => {
    const own = new StoppableClock(stage.clock);
    const paused = await controllerOn(stage, 'paused', own);
    await run(3_000, [own]);
    const standby = await controllerOn(stage, 'standby');
    await run(3_000, [own]);
    for (let i = 0; i < 30; i++) stage.service(`s${i}`);
    await run(3_000, [own]);
    expect([paused.leading(), standby.leading()]).toEqual([true, false]);
    const before = stage.addresses();
    expect([...before.values()].filter((address) => address === '')).toEqual([]);
    stage.takeWrites();

    // From here on it is stopped. What is made is told to both.
    await run(9_000);
    expect(standby.leading()).toBe(true);
    for (let i = 0; i < 30; i++) stage.service(`t${i}`);
    await run(60_000);
    expect(writesOf('standby')).toBe(30);

    // It goes on: the first thing that falls due is that it leads no more.
    for (let at = stage.clock.now() - 69_000; at < stage.clock.now(); at += jumpMs) {
      own.catchUp(at + jumpMs);
      expect(bothLead(paused, standby)).toBe(false);
      await stage.settle();
    }
    await run(20_000, [own]);
    expect([paused.leading(), standby.leading()]).toEqual([false, true]);
    expect(writesOf('paused')).toBe(0);
    const after = stage.addresses();
    for (const [name, address] of before) expect(after.get(name), name).toBe(address);
    expect(new Set(after.values()).size).toBe(60);
    expect(stage.loggedBy('paused').filter((event) => event === 'notLeading')).toHaveLength(1);

    const stops = [paused.stop(), standby.stop()];
    await run(3_000, [own]);
    await Promise.all(stops);
  });

  it('with writes under way loses nothing by them: what reaches the API late is put right', async () => {
    const own = new StoppableClock(stage.clock);
    const paused = await controllerOn(stage, 'paused', own);
    await run(3_000, [own]);
    const standby = await controllerOn(stage, 'standby');
    await run(3_000, [own]);
    // Its patches are held up on the way, by a clock that is the server's, until long after the other one leads.
    stage.setFault(({ client, resource, verb }) =>
      client === 'paused' && resource === 'services' && verb === 'patch' ? { type: 'latency', ms: 40_000 } : null,
    );
    stage.service('first');
    for (let i = 0; i < 10; i++) stage.service(`s${i}`);
    await stage.settle();
    // Whoever decides anew gives each of the others the address before.
    stage.removeService('first');
    await run(20_000);
    expect(standby.leading()).toBe(true);
    const decided = stage.addresses();
    expect(new Set(decided.values()).size).toBe(10);
    expect([...decided.values()]).not.toContain('');
    stage.takeWrites();
    await run(30_000);
    // They have come, and have changed what the other one had written.
    expect(writesOf('paused')).toBeGreaterThan(0);
    stage.setFault(null);
    await run(60_000, [own]);
    expect(stage.addresses()).toEqual(decided);
    expect([paused.leading(), standby.leading()]).toEqual([false, true]);
    const stops = [paused.stop(), standby.stop()];
    await run(3_000, [own]);
    await Promise.all(stops);
  });
});
