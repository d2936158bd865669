/** How many writes Services cost, counted at the server: what MetalLB pays (16 a Service, and 1,059 where one of 1,060 goes) must not come back. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { controllerOn } from './controller-subject.ts';
import { FaultStage, type WriteCount } from './stage.ts';

let stage: FaultStage;
let stop: () => Promise<void>;

beforeEach(async () => {
  stage = await FaultStage.open();
  stage.pool('web', '10.0.0.0/16');
  const controller = await controllerOn(stage, 'controller');
  stop = () => controller.stop();
  await stage.run(5_000);
  stage.takeWrites();
});
afterEach(async () => {
  const stopped = stop();
  await stage.run(3_000);
  await stopped;
  await stage.close();
});

const sumOf = (writes: readonly WriteCount[], resource: string): number =>
  writes.filter((write) => write.resource === resource).reduce((sum, { count }) => sum + count, 0);

const idle = (writes: readonly WriteCount[]): readonly WriteCount[] =>
  writes.filter(({ count, changed }) => changed < count);

const tell = (what: string, writes: readonly WriteCount[]): void => {
  const parts = writes.map(({ verb, resource, count, changed }) => `${verb} ${resource} ${count} (${changed} changed)`);
  process.stdout.write(`${what}: ${parts.join(', ')}\n`);
};

it('a thousand creates and deletes cost one write a Service, and none that changes nothing', async () => {
  for (let i = 0; i < 1_000; i++) {
    stage.service(`s${i}`);
    if (i % 10 === 9) await stage.run(100, 100);
  }
  // Kubernetes events are told behind the addresses: 25 a second, and fewer while Services still change.
  await stage.run(50_000);
  const created = stage.takeWrites();
  tell('1,000 creates at 100/s', created);
  const addresses = [...stage.addresses().values()];
  expect(addresses.filter((address) => address === '')).toEqual([]);
  expect(new Set(addresses).size).toBe(1_000);
  expect(sumOf(created, 'services')).toBe(1_000);
  expect(sumOf(created, 'events')).toBe(1_000);
  // The pool's numbers, once a second at most: 10 s of creating, and what follows.
  expect(sumOf(created, 'ipaddresspools')).toBeLessThanOrEqual(13);
  expect(idle(created)).toEqual([]);

  for (let i = 0; i < 1_000; i++) {
    stage.removeService(`s${i}`);
    if (i % 10 === 9) await stage.run(100, 100);
  }
  await stage.run(5_000);
  const deleted = stage.takeWrites();
  tell('1,000 deletes at 100/s', deleted);
  expect(sumOf(deleted, 'services')).toBe(0);
  expect(sumOf(deleted, 'events')).toBe(0);
  expect(sumOf(deleted, 'ipaddresspools')).toBeLessThanOrEqual(13);
  expect(idle(deleted)).toEqual([]);
});

it('one of 1,060 that goes costs no write to another', async () => {
  for (let i = 0; i < 1_060; i++) stage.service(`s${i}`);
  await stage.run(50_000);
  expect(sumOf(stage.takeWrites(), 'services')).toBe(1_060);
  stage.removeService('s7');
  await stage.run(30_000);
  const writes = stage.takeWrites();
  tell('one of 1,060 goes', writes);
  expect(sumOf(writes, 'services')).toBe(0);
  expect(sumOf(writes, 'ipaddresspools')).toBe(1);
  expect(idle(writes)).toEqual([]);
  // Nothing else is written either, but the lease.
  expect(writes.map(({ resource }) => resource).sort()).toEqual(['ipaddresspools', 'leases']);
});

it('a controller that starts among a thousand Services that have their addresses writes to none of them', async () => {
  for (let i = 0; i < 1_000; i++) stage.service(`s${i}`);
  await stage.run(50_000);
  const before = stage.addresses();
  const stopped = stop();
  await stage.run(3_000);
  await stopped;
  stage.takeWrites();
  const next = await controllerOn(stage, 'next');
  stop = () => next.stop();
  await stage.run(20_000);
  expect(next.leading()).toBe(true);
  const writes = stage.takeWrites();
  tell('a restart among 1,000', writes);
  expect(stage.addresses()).toEqual(before);
  expect(writes.map(({ resource }) => resource)).toEqual(['leases']);
  expect(idle(writes)).toEqual([]);
});
