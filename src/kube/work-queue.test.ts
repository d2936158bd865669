import { expect, it } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { KubeError } from './types.ts';
import { type Outcome, WorkQueue } from './work-queue.ts';

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await null;
};

function queueOf(reconcile: (key: string) => Promise<Outcome>, workers = 2) {
  const clock = new VirtualClock();
  const retries: number[] = [];
  const queue = new WorkQueue({
    reconcile,
    clock,
    random: () => 1,
    workers,
    onError: (_, __, retryInMs) => retries.push(retryInMs),
  });
  return { clock, queue, retries };
}

it('works on so many keys at once, on each alone, and again where it was added meanwhile', async () => {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const { queue } = queueOf((key) => {
    begun.push(key);
    return new Promise((resolve) => ends.push(() => resolve({})));
  });
  for (const key of ['a', 'b', 'c', 'a']) queue.add(key);
  await settle();
  expect(begun).toEqual(['a', 'b']);
  ends[0]?.();
  await settle();
  // 'a' was asked for again while it ran; 'c' waits longer.
  expect(begun.slice(2)).toHaveLength(1);
  for (let i = 0; i < 4; i++) {
    for (const end of ends) end();
    await settle();
  }
  expect([...begun].sort()).toEqual(['a', 'a', 'b', 'c']);
  expect(queue.size).toBe(0);
});

it('waits longer after each failure, and as long as the server asks', async () => {
  let failure: Error = new Error('x');
  const { queue, clock, retries } = queueOf(() => Promise.reject(failure));
  queue.add('a');
  await settle();
  for (let i = 0; i < 3; i++) {
    clock.advance(retries.at(-1) ?? 0);
    await settle();
  }
  expect(retries).toEqual([5, 10, 20, 40]);
  failure = new KubeError('slow down', 429, 'TooManyRequests', 7_000);
  clock.advance(40);
  await settle();
  expect(retries.at(-1)).toBe(7_000);
});

it('leaves a key alone after a failure, whoever asks for it, and never for longer than two minutes', async () => {
  let tries = 0;
  let failure = new KubeError('slow down', 429, 'TooManyRequests', 7_000);
  const { queue, clock } = queueOf(() => {
    tries++;
    // It is asked for also while it is worked on.
    queue.add('a');
    return Promise.reject(failure);
  });
  queue.add('a');
  await settle();
  for (let i = 0; i < 69; i++) {
    queue.add('a');
    queue.addAfter('a', 1);
    clock.advance(100);
    await settle();
  }
  expect(tries).toBe(1);
  failure = new KubeError('go away', 429, 'TooManyRequests', 86_400_000);
  clock.advance(100);
  await settle();
  expect(tries).toBe(2);
  clock.advance(119_000);
  await settle();
  expect(tries).toBe(2);
  clock.advance(1_000);
  await settle();
  expect(tries).toBe(3);
  // Who is forgotten and comes again has not failed.
  queue.forget('a');
  queue.add('a');
  await settle();
  expect(tries).toBe(4);
});

it('begins nothing once it is closed', async () => {
  let runs = 0;
  const { queue, clock } = queueOf(async () => {
    runs++;
    return { requeueAfterMs: 10 };
  });
  queue.add('a');
  await settle();
  await queue.close();
  queue.add('b');
  clock.advance(1_000);
  await settle();
  expect(runs).toBe(1);
  const other = queueOf(async () => {
    runs++;
    return {};
  });
  other.queue.add('a');
  await other.queue.close();
  expect(runs).toBe(1);
});
