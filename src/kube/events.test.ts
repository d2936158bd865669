import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { EventRecorder, type EventTarget } from './events.ts';
import { EVENT } from './resource-types.ts';
import { MemoryApi } from './testing/memory-api.ts';
import { KubeError } from './types.ts';

const target = (name: string, namespace = 'default'): EventTarget => ({
  apiVersion: 'v1',
  kind: 'Service',
  namespace,
  name,
  uid: `uid-${name}`,
});

function harness() {
  const clock = new VirtualClock();
  const api = new MemoryApi();
  const errors: unknown[] = [];
  let random = 0;
  const recorder = new EventRecorder({
    api: api.client('us'),
    component: 'metallb-controller',
    host: 'node1',
    clock,
    wallClock: () => new Date(Date.UTC(2026, 0, 1) + clock.now()),
    random: () => {
      random = (random + 0.137) % 1;
      return random;
    },
    onError: (error) => errors.push(error),
  });
  const run = async (ms = 0): Promise<void> => {
    await settle();
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(500, left));
      await settle();
    }
  };
  const told = () =>
    api.objects(EVENT).map(({ metadata, reason, message, count }) => ({ name: metadata.name, reason, message, count }));
  return { clock, api, errors, recorder, run, told };
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('events', () => {
  it('are core/v1 objects, with source, times and count', async () => {
    const { recorder, run, api } = harness();
    recorder.record(target('shop'), 'Normal', 'IPAllocated', 'Assigned IP');
    await run();
    expect(api.objects(EVENT)).toEqual([
      expect.objectContaining({
        involvedObject: { apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'shop', uid: 'uid-shop' },
        type: 'Normal',
        reason: 'IPAllocated',
        message: 'Assigned IP',
        source: { component: 'metallb-controller', host: 'node1' },
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
        count: 1,
      }),
    ]);
  });

  it('of what has no namespace are in default', async () => {
    const { recorder, run, api } = harness();
    recorder.record({ ...target('node1', ''), kind: 'Node' }, 'Normal', 'X', 'x');
    await run();
    expect(api.objects(EVENT)[0]?.metadata.namespace).toBe('default');
    expect(api.objects(EVENT)[0]?.involvedObject).not.toHaveProperty('namespace', 'default');
  });

  it('that come again within ten minutes are counted, later they are new', async () => {
    const { recorder, run, told, clock } = harness();
    for (let i = 0; i < 3; i++) {
      recorder.record(target('shop'), 'Warning', 'AllocationFailed', 'no address');
      await run(1_000);
    }
    recorder.record(target('shop'), 'Warning', 'AllocationFailed', 'another reason');
    await run();
    expect(told().map(({ message, count }) => [message, count])).toEqual([
      ['no address', 3],
      ['another reason', 1],
    ]);
    clock.advance(600_000);
    recorder.record(target('shop'), 'Warning', 'AllocationFailed', 'no address');
    await run();
    expect(told()).toHaveLength(3);
  });

  it('that somebody deleted are made anew', async () => {
    const { recorder, run, told, api } = harness();
    recorder.record(target('shop'), 'Normal', 'X', 'x');
    await run();
    api.remove(EVENT, `default/${told()[0]?.name}`);
    recorder.record(target('shop'), 'Normal', 'X', 'x');
    await run();
    expect(told().map(({ count }) => count)).toEqual([1]);
  });

  it('of one object are 25 at once and then one in five minutes; the rest is dropped and counted', async () => {
    const { recorder, run, told } = harness();
    for (let i = 0; i < 100; i++) recorder.record(target('flaps'), 'Warning', 'X', `x ${i}`);
    recorder.record(target('calm'), 'Normal', 'X', 'x');
    await run();
    expect(told()).toHaveLength(26);
    expect(recorder.dropped).toBe(75);
    await run(300_000);
    for (let i = 0; i < 3; i++) recorder.record(target('flaps'), 'Warning', 'X', `y ${i}`);
    await run();
    expect(told()).toHaveLength(27);
  });

  it('have names and messages that the API takes', async () => {
    const { recorder, run, api } = harness();
    const long = `${'a'.repeat(235)}.${'b'.repeat(17)}`;
    recorder.record(target(long), 'Normal', 'X', 'x'.repeat(5_000));
    await run();
    const [event] = api.objects(EVENT);
    expect(event?.metadata.name).toMatch(/^a{235}\.[0-9a-f]{16}$/);
    expect(event?.message).toHaveLength(1_024);
    expect(event?.involvedObject).toMatchObject({ name: long });
  });
});

describe('while the API fails', () => {
  it('events wait for it, with few attempts, and come once', async () => {
    const { recorder, run, told, api, errors } = harness();
    api.fault = () => {
      throw new KubeError('connection refused', 0, 'ECONNREFUSED');
    };
    recorder.record(target('shop'), 'Normal', 'IPAllocated', 'Assigned IP');
    recorder.record(target('other'), 'Normal', 'IPAllocated', 'Assigned IP');
    await run(300_000);
    expect(errors.length).toBeGreaterThan(5);
    expect(errors.length).toBeLessThan(20);
    api.fault = null;
    await run(31_000);
    expect(told()).toHaveLength(2);
    expect(recorder.dropped).toBe(0);
  });

  it('an answer that was lost makes no second event', async () => {
    const { recorder, run, told, api } = harness();
    let lost = 0;
    const { create } = api.client('us');
    const client = Object.assign(api.client('us'), {
      create: async (...call: Parameters<typeof create>) => {
        const object = await create(...call);
        if (lost++ === 0) throw new KubeError('the connection ended early', 0, 'ConnectionClosed');
        return object;
      },
    });
    const clock = new VirtualClock();
    const other = new EventRecorder({
      api: client,
      component: 'c',
      host: '',
      clock,
      wallClock: () => new Date(0),
      random: () => 0.3,
    });
    other.record(target('shop'), 'Normal', 'X', 'x');
    await settle();
    clock.advance(1_000);
    await run();
    expect(lost).toBe(1);
    expect(told()).toHaveLength(1);
    expect(other.dropped).toBe(0);
    await other.close();
    await recorder.close();
  });

  it('what is ten minutes old is dropped, and so is what is refused', async () => {
    const { recorder, run, told, api, errors } = harness();
    api.fault = () => {
      throw new KubeError('connection refused', 0, 'ECONNREFUSED');
    };
    recorder.record(target('old'), 'Normal', 'X', 'x');
    await run(640_000);
    expect(recorder.dropped).toBe(1);
    errors.length = 0;
    api.fault = () => {
      throw new KubeError('namespace is being terminated', 403, 'Forbidden');
    };
    recorder.record(target('refused'), 'Normal', 'X', 'x');
    await run(60_000);
    expect([recorder.dropped, errors.length]).toEqual([2, 1]);
    api.fault = null;
    recorder.record(target('new'), 'Normal', 'X', 'x');
    await run();
    expect(told()).toHaveLength(1);
  });

  it('Retry-After is kept to', async () => {
    const { recorder, run, told, api } = harness();
    let tries = 0;
    api.fault = () => {
      tries++;
      throw new KubeError('slow down', 429, 'TooManyRequests', 20_000);
    };
    recorder.record(target('shop'), 'Normal', 'X', 'x');
    await run(19_000);
    expect(tries).toBe(1);
    api.fault = null;
    await run(2_000);
    expect(told()).toHaveLength(1);
  });

  it('two thousand events wait at most, and a call that hangs ends', async () => {
    const { recorder, run, api } = harness();
    api.fault = () => new Promise(() => undefined);
    for (let i = 0; i < 2_500; i++) recorder.record(target(`s${i}`), 'Normal', 'X', 'x');
    expect(recorder.dropped).toBe(500);
    await run(11_000);
    const closing = recorder.close();
    await run();
    await closing;
    expect(recorder.dropped).toBe(2_500);
  });
});
