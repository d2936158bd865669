/**
 * The BFD thread, which `bfd-driver.ts` starts. It shares nothing with the main thread but messages, so that no parse, no garbage collection and no slow call
 * of that one makes a session look dead.
 */
import { randomFillSync } from 'node:crypto';
// The global is looked up through a getter with every use.
import { performance } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';
import type { Clock } from '../time/clock.ts';
import { TickClock } from '../time/tick-clock.ts';
import { BfdEngine } from './bfd-engine.ts';
import { BFD_PRIORITY, type FromWorker, type Scheduling, type ToWorker } from './bfd-messages.ts';
import { LinuxBfdNetwork } from './bfd-network.ts';
import { SystemError, setRealTimePriority } from './linux/libc.ts';

/** Node's timers take whole milliseconds and cut off the rest; a Detection Time that ends early would be a neighbor called dead. */
const nodeClock: Clock = {
  now: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, Math.ceil(ms));
    return () => clearTimeout(timer);
  },
};

const clock = new TickClock(nodeClock);

const pool = new Uint32Array(256);
let used = pool.length;

/** Not to be guessed, and cheap: drawn from the kernel by the kilobyte. */
function random(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return (pool[used++] as number) / 2 ** 32;
}

function schedule(): Scheduling {
  try {
    setRealTimePriority(BFD_PRIORITY);
    return { policy: 'realTime' };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { policy: 'normal', because: error.code };
  }
}

const port = parentPort;
if (port === null) throw new Error('this is the entry of a worker thread');
const tell = (message: FromWorker): void => port.postMessage(message);
const scheduling = schedule();
const ledger = {
  opened: (fd: number) => tell({ type: 'opened', fd }),
  closing: (fd: number) => tell({ type: 'closing', fd }),
};
const engine = new BfdEngine({
  clock,
  random,
  scheduling,
  network: (receive, receiveEcho) => new LinuxBfdNetwork({ clock, receive, receiveEcho, ledger, random }),
  tell,
  // What was posted has to leave first.
  ended: () => setImmediate(() => process.exit(0)),
});
port.on('message', (message: ToWorker) => engine.handle(message));
tell({ type: 'ready', scheduling });
