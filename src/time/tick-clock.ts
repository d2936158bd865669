/**
 * A clock whose timers share ticks: what falls due within the same one runs in one go, in the order of its setting. For who has hundreds of timers a second
 * that may each be a little late, and would be woken for each of them: to be woken costs more than what most of them do.
 *
 * Short times are kept to the millisecond, longer ones wait for the next of every {@link TOGETHER} milliseconds. A wheel, with a slot for each of the next
 * milliseconds, in which later ones have their turn as well: to set a timer costs no more with a thousand of them than with one.
 */
import type { Clock } from './clock.ts';

interface Timer {
  readonly tick: number;
  /** Undefined once cancelled: it stays in its slot until its time, and then does nothing. */
  fn: (() => void) | undefined;
}

const SLOTS = 1_024;
const TOGETHER = 4;
/** Less than an eighth of these is no more than {@link TOGETHER}. */
const LONG_MS = 32;

export class TickClock implements Clock {
  readonly #clock: Clock;
  readonly #slots: Timer[][] = Array.from({ length: SLOTS }, () => []);
  #spare: Timer[] = [];
  #waiting = 0;
  /** The last tick whose timers have run. */
  #done: number;
  /** The tick that it wakes up for; infinite where nothing waits, and negative while timers run: then it is seen to in the end. */
  #wakesAt = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | null = null;
  readonly #onWake = (): void => this.#run();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#done = Math.floor(clock.now());
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, fn: () => void): () => void {
    return this.#set(ms, gridOf(ms), fn);
  }

  /** Runs this with the next of the ticks that longer times wait for. */
  soon(fn: () => void): void {
    this.#set(1, TOGETHER, fn);
  }

  #set(ms: number, grid: number, fn: () => void): () => void {
    const now = this.#clock.now();
    // What is set while a tick runs waits for the next one, so that the event loop goes on.
    const tick = Math.max(this.#done + 1, Math.ceil((now + ms) / grid) * grid);
    const timer: Timer = { tick, fn };
    this.#slot(tick).push(timer);
    this.#waiting++;
    if (tick < this.#wakesAt) this.#wakeAt(tick, now);
    return () => {
      timer.fn = undefined;
    };
  }

  /** And a millisecond more, by which the clock beneath may miss a tick. */
  slackMs(ms: number): number {
    return gridOf(ms) + 1;
  }

  #slot(tick: number): Timer[] {
    return this.#slots[tick % SLOTS] as Timer[];
  }

  #run(): void {
    this.#cancelWake = null;
    this.#wakesAt = Number.NEGATIVE_INFINITY;
    const until = Math.floor(this.#clock.now());
    // After a long time every slot is looked at once, no more.
    for (let tick = Math.max(this.#done + 1, until - SLOTS + 1); tick <= until; tick++) this.#runSlot(tick, until);
    this.#done = until;
    this.#wakeForNext();
  }

  #runSlot(tick: number, until: number): void {
    const due = this.#slot(tick);
    if (due.length === 0) return;
    this.#slots[tick % SLOTS] = this.#spare;
    this.#done = until;
    for (const timer of due) {
      if (timer.tick > until) this.#slot(tick).push(timer);
      else {
        this.#waiting--;
        timer.fn?.();
      }
    }
    due.length = 0;
    this.#spare = due;
  }

  #wakeForNext(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    if (this.#waiting === 0) return;
    let tick = this.#done + 1;
    while (this.#slot(tick).length === 0) tick++;
    this.#wakeAt(tick, this.#clock.now());
  }

  #wakeAt(tick: number, now: number): void {
    this.#cancelWake?.();
    this.#wakesAt = tick;
    this.#cancelWake = this.#clock.after(Math.max(0, tick - now), this.#onWake);
  }
}

const gridOf = (ms: number): number => (ms < LONG_MS ? 1 : TOGETHER);
