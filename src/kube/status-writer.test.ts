import { expect, it } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { CONFIGURATION_STATE, IP_ADDRESS_POOL } from './resource-types.ts';
import { type StatusObject, StatusWriter } from './status-writer.ts';
import { MemoryApi } from './testing/memory-api.ts';
import { KubeError, type KubeObject } from './types.ts';

const POOL: StatusObject = { type: IP_ADDRESS_POOL, key: { namespace: 'metallb-system', name: 'web' } };
const STATE: StatusObject = { type: CONFIGURATION_STATE, key: { namespace: 'metallb-system', name: 'controller' } };
const CREATE: KubeObject = {
  apiVersion: 'metallb.io/v1beta1',
  kind: 'ConfigurationState',
  metadata: { namespace: 'metallb-system', name: 'controller' },
};

function harness() {
  const clock = new VirtualClock();
  const api = new MemoryApi();
  const failures: number[] = [];
  const writer = new StatusWriter({
    api: api.client('us'),
    fieldManager: 'metallb-controller',
    clock,
    random: () => 1,
    minIntervalMs: 1_000,
    workers: 4,
    onError: (_, __, retryInMs) => failures.push(retryInMs),
  });
  const run = async (ms = 0, stepMs = 50): Promise<void> => {
    await settle();
    for (let left = ms; left > 0; left -= stepMs) {
      clock.advance(Math.min(stepMs, left));
      await settle();
    }
  };
  const writes = () => api.writes.filter(({ client }) => client === 'us');
  const pool = () =>
    api.create(IP_ADDRESS_POOL, { metadata: { name: 'web', namespace: 'metallb-system' }, spec: { addresses: [] } });
  return { clock, api, failures, writer, run, writes, pool };
}

const statusOf = (object: KubeObject | undefined) => (object?.status ?? {}) as Readonly<Record<string, unknown>>;

const settle = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
};

it('writes what is different, once', async () => {
  const { writer, run, writes, pool, api } = harness();
  pool();
  writer.seen(POOL, {});
  writer.set(POOL, { status: { assigned: 1 } });
  await run(5_000);
  expect(writes()).toHaveLength(1);
  expect(api.get(IP_ADDRESS_POOL, 'metallb-system/web')?.status).toEqual({ assigned: 1 });
  // The watch tells of our own write, and of the one before it.
  writer.seen(POOL, {});
  writer.seen(POOL, { assigned: 1 });
  await run(5_000);
  expect(writes()).toHaveLength(1);
});

it('does not write what a predecessor wrote, nor what means the same', async () => {
  const { writer, run, writes, pool } = harness();
  pool();
  writer.seen(POOL, { assigned: 1, conditions: [] });
  writer.set(POOL, { status: { assigned: 1, warning: '' } });
  await run(5_000);
  expect(writes()).toEqual([]);
});

it('writes an object at most once a second, and the last wish in the end', async () => {
  const { writer, run, writes, pool, api } = harness();
  pool();
  for (let i = 1; i <= 100; i++) {
    writer.set(POOL, { status: { assigned: i } });
    await run(50);
  }
  expect(writes().length).toBeLessThanOrEqual(6);
  await run(1_000);
  expect(api.get(IP_ADDRESS_POOL, 'metallb-system/web')?.status).toEqual({ assigned: 100 });
});

it('puts right what somebody else changed, no faster', async () => {
  const { writer, run, writes, pool, api } = harness();
  pool();
  writer.set(POOL, { status: { assigned: 1 } });
  await run(2_000);
  for (let i = 0; i < 100; i++) {
    api.edit(IP_ADDRESS_POOL, 'metallb-system/web', { status: { assigned: 7 } }, 'other');
    writer.seen(POOL, { assigned: 7 });
    await run(100);
  }
  expect(writes().length).toBeLessThanOrEqual(12);
  await run(2_000);
  expect(api.get(IP_ADDRESS_POOL, 'metallb-system/web')?.status).toEqual({ assigned: 1 });
});

it('makes an object that is not there where it is to, and makes none where it is not', async () => {
  const { writer, run, api, writes } = harness();
  writer.set(POOL, { status: { assigned: 1 } });
  writer.set(STATE, { status: { result: 'Valid' }, create: CREATE });
  await run(10_000);
  expect(api.objects(IP_ADDRESS_POOL)).toEqual([]);
  expect(api.get(CONFIGURATION_STATE, 'metallb-system/controller')?.status).toEqual({ result: 'Valid' });
  expect(writes().map(({ verb }) => verb)).toEqual(['create', 'patch']);
  // Somebody deletes it.
  api.remove(CONFIGURATION_STATE, 'metallb-system/controller');
  writer.seen(STATE, null);
  await run(2_000);
  expect(api.get(CONFIGURATION_STATE, 'metallb-system/controller')?.status).toEqual({ result: 'Valid' });
});

it('keeps to Retry-After whatever is wished for meanwhile, and writes the last wish', async () => {
  const { writer, run, pool, api, failures } = harness();
  pool();
  let tries = 0;
  api.fault = () => {
    tries++;
    throw new KubeError('slow down', 429, 'TooManyRequests', 20_000);
  };
  for (let i = 1; i <= 19; i++) {
    writer.set(POOL, { status: { assigned: i } });
    await run(1_000);
  }
  expect(tries).toBe(1);
  expect(failures).toEqual([20_000]);
  api.fault = null;
  await run(2_000);
  expect(api.get(IP_ADDRESS_POOL, 'metallb-system/web')?.status).toEqual({ assigned: 19 });
});

it('tries a minute apart at most while the API fails', async () => {
  const { writer, run, pool, api, failures } = harness();
  pool();
  api.fault = () => {
    throw new KubeError('injected', 500, 'InternalError');
  };
  writer.set(POOL, { status: { assigned: 1 } });
  await run(600_000, 250);
  expect(failures.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(Math.max(...failures)).toBe(60_000);
  expect(failures.length).toBeLessThan(20);
  api.fault = null;
  await run(60_000, 250);
  expect(api.get(IP_ADDRESS_POOL, 'metallb-system/web')?.status).toEqual({ assigned: 1 });
  expect(writer.pending).toBe(0);
});

it('writes nothing while it is paused, for what is forgotten, and once it is closed', async () => {
  const { writer, run, writes, pool } = harness();
  pool();
  writer.pause(true);
  writer.set(POOL, { status: { assigned: 1 } });
  await run(2_000);
  expect(writes()).toEqual([]);
  writer.pause(false);
  await run(2_000);
  expect(writes()).toHaveLength(1);
  writer.set(POOL, { status: { assigned: 2 } });
  writer.forget(POOL);
  await run(2_000);
  writer.set(POOL, { status: { assigned: 3 } });
  await writer.close();
  await run(2_000);
  expect(writes().length).toBeLessThanOrEqual(2);
});

it('does not write for ever what the API makes something else of, and tries again when it wants something else', async () => {
  const { writer, run, writes, pool, api } = harness();
  pool();
  // Somebody else's condition stays, and a field that the CRD lacks is dropped.
  api.admit = (object) => {
    const { unknown: _, ...status } = (object.status ?? {}) as Readonly<Record<string, unknown>>;
    return { ...object, status: { ...status, theirs: 'x' } };
  };
  const seen = () => writer.seen(POOL, statusOf(api.get(IP_ADDRESS_POOL, 'metallb-system/web')));
  seen();
  writer.set(POOL, { status: { assigned: 1, unknown: 2 } });
  for (let i = 0; i < 20; i++) {
    await run(1_000);
    seen();
    writer.set(POOL, { status: { assigned: 1, unknown: 2 } });
  }
  expect(writes()).toHaveLength(1);
  expect(writer.pending).toBe(0);
  writer.set(POOL, { status: { assigned: 2 } });
  await run(2_000);
  expect(writes()).toHaveLength(2);
  // What is neither as wanted nor as it was made is put right.
  api.edit(IP_ADDRESS_POOL, 'metallb-system/web', { status: { assigned: 7 } });
  seen();
  await run(2_000);
  expect(writes()).toHaveLength(3);
  expect(api.get(IP_ADDRESS_POOL, 'metallb-system/web')?.status).toEqual({ assigned: 2, theirs: 'x' });
});
