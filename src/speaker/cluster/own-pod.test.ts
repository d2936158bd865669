import { expect, it } from 'vitest';
import { POD } from '../../kube/resource-types.ts';
import { MemoryApi } from '../../kube/testing/memory-api.ts';
import { KubeError } from '../../kube/types.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { ownPod } from './own-pod.ts';
import { runner } from './testing/run.ts';

const KEY = { namespace: 'metallb-system', name: 'speaker-a' };

function harness() {
  const clock = new VirtualClock();
  const api = new MemoryApi();
  const stopping = new AbortController();
  const failures: number[] = [];
  let answer: unknown;
  const ask = (key = KEY) =>
    void ownPod(key, {
      api: api.client('us'),
      clock,
      random: () => 1,
      signal: stopping.signal,
      onError: (_, count) => void failures.push(count),
    }).then((owner) => {
      answer = owner;
    });
  return { api, stopping, failures, ask, run: runner(clock), answer: () => answer };
}

it('is an owner by its name and uid', async () => {
  const { api, ask, run, answer } = harness();
  const { metadata } = api.create(POD, { metadata: KEY });
  ask();
  await run(100);
  expect(answer()).toEqual({ apiVersion: 'v1', kind: 'Pod', name: 'speaker-a', uid: metadata.uid });
});

it('is nobody where there is no such Pod, and is not asked for without a name', async () => {
  const { api, ask, run, answer } = harness();
  ask();
  await run(100);
  expect(answer()).toBeNull();
  expect(api.reads).toHaveLength(1);
  ask({ ...KEY, name: '' });
  await run(100);
  expect(api.reads).toHaveLength(1);
  expect(answer()).toBeNull();
});

it('is asked for again where the API does not answer, later and later, or says when', async () => {
  const { api, ask, run, answer, failures } = harness();
  api.create(POD, { metadata: KEY });
  let retryAfterMs: number | null = null;
  api.fault = () => {
    throw new KubeError('no', 503, 'Unavailable', retryAfterMs);
  };
  ask();
  await run(60_000);
  expect(failures).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(answer()).toBeUndefined();
  retryAfterMs = 60_000;
  await run(30_000);
  expect(failures).toHaveLength(8);
  await run(25_000);
  expect(failures).toHaveLength(8);
  api.fault = null;
  await run(20_000);
  expect(answer()).toMatchObject({ name: 'speaker-a' });
});

it('is waited for no longer than until the end, a call that hangs neither', async () => {
  const { api, ask, run, answer, stopping, failures } = harness();
  api.fault = () => new Promise(() => {});
  ask();
  await run(15_000);
  expect(failures).toEqual([1]);
  stopping.abort(new Error('stopped'));
  await run();
  expect(answer()).toBeNull();
  expect(failures).toEqual([1]);
});
