/** Echo packets of a thread that is held up, and so sends none: its own delay is no failure of the path. */
import { describe, expect, it } from 'vitest';
import type { Clock } from '../time/clock.ts';
import { EchoFunction } from './echo.ts';

/** A clock whose thread can be held up: then nothing runs, and all that is due runs late. */
class HeldUpClock implements Clock {
  #now = 0;
  #timers: { at: number; fn: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }
  step(): void {
    this.#now += 1;
    this.run();
  }
  holdUp(ms: number): void {
    this.#now += ms;
  }
  run(): void {
    const due = this.#timers.filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) {
      if (!this.#timers.includes(timer)) continue;
      this.#timers = this.#timers.filter((one) => one !== timer);
      timer.fn();
    }
  }
}

function running(detectMult: number) {
  const clock = new HeldUpClock();
  let n = 0;
  let wire: { at: number; octets: Uint8Array }[] = [];
  let failedAt: number | null = null;
  let returns = true;
  const take = (): void => {
    const back = wire.filter(({ at }) => at <= clock.now());
    wire = wire.filter(({ at }) => at > clock.now());
    for (const { octets } of back) if (returns) echo.receive(octets);
  };
  const echo = new EchoFunction(7, {
    clock,
    random: () => (++n % 997) / 997,
    transmit: (octets) => wire.push({ at: clock.now() + 1, octets: octets.slice() }) > 0,
    readPending: take,
    changed: () => undefined,
    failed: () => {
      failedAt ??= clock.now();
    },
  });
  const go = (ms: number): void => {
    for (let i = 0; i < ms; i++) {
      clock.step();
      take();
    }
  };
  const cut = (): void => {
    returns = false;
  };
  echo.start(50_000, detectMult);
  go(1_000);
  expect(echo.state).toBe('active');
  return { clock, echo, go, failedAt: () => failedAt, cut };
}

describe('a thread that is held up', () => {
  it.each([1, 2, 3, 5])('is not the path: what it did not send cannot come back (multiplier %i)', (detectMult) => {
    // At every place between two packets.
    for (let at = 0; at < 60; at++) {
      const { clock, go, failedAt } = running(detectMult);
      go(at);
      clock.holdUp(500);
      clock.run();
      go(500);
      expect([at, failedAt()]).toEqual([at, null]);
    }
  });
  it.each([1, 2, 3, 5])('a cut is noticed in the time that is said (multiplier %i)', (detectMult) => {
    for (let at = 0; at < 60; at++) {
      const { clock, go, failedAt, cut } = running(detectMult);
      go(at);
      const from = clock.now();
      cut();
      go(1_000);
      expect((failedAt() ?? Infinity) - from).toBeLessThanOrEqual(Math.max(2, detectMult) * 50 + 2);
    }
  });
});
