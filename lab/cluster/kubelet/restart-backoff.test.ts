import { expect, it } from 'vitest';
import { KUBELET_RESTARTS, RestartBackoff } from './restart-backoff.ts';

it('starts again at once, then waits twice as long each time up to five minutes', () => {
  const backoff = new RestartBackoff(KUBELET_RESTARTS);
  const waits = Array.from({ length: 8 }, () => backoff.after(1_000));
  expect(waits).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
});

it('forgets after a run of ten minutes', () => {
  const backoff = new RestartBackoff(KUBELET_RESTARTS);
  for (let i = 0; i < 5; i += 1) backoff.after(1_000);
  expect([backoff.after(600_000), backoff.after(1_000)]).toEqual([0, 10_000]);
});

it('never waits longer than the longest', () => {
  const backoff = new RestartBackoff({ ...KUBELET_RESTARTS, maxMs: 1_000 });
  expect(Array.from({ length: 4 }, () => backoff.after(0))).toEqual([0, 1_000, 1_000, 1_000]);
});
