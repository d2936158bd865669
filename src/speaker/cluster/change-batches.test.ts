import { expect, it } from 'vitest';
import type { Change } from '../../plan/world/change.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { ChangeBatches } from './change-batches.ts';

const change = (name: string): Change => ({
  type: 'delete',
  object: { apiVersion: 'v1', kind: 'Service', namespace: 'default', name },
});

function setUp() {
  const clock = new VirtualClock();
  const taken: string[][] = [];
  const batches = new ChangeBatches(
    clock,
    (changes) => void taken.push(changes.map(({ object }) => (object as { name: string }).name)),
  );
  return { clock, taken, batches };
}

it('takes changes at once that come one by one', () => {
  const { clock, taken, batches } = setUp();
  for (let i = 0; i < 50; i++) {
    batches.add([change(`a${i}`), change(`b${i}`)]);
    expect(taken.at(-1)).toEqual([`a${i}`, `b${i}`]);
    clock.advance(100);
  }
});

it('takes three hundred a second together, in their order, none later than 40 ms', () => {
  const { clock, taken, batches } = setUp();
  const all: string[] = [];
  for (let i = 0; i < 600; i++) {
    all.push(`s${i}`);
    batches.add([change(`s${i}`)]);
    clock.advance(10 / 3);
    expect(all.length - taken.flat().length).toBeLessThanOrEqual(12);
  }
  clock.advance(40);
  expect(taken.flat()).toEqual(all);
  expect(taken.length).toBeLessThan(70);
});

it('takes the configuration at once, behind what waits', () => {
  const { taken, batches } = setUp();
  for (let i = 0; i < 12; i++) batches.add([change(`s${i}`)]);
  batches.addAtOnce([change('pool')]);
  expect(taken.at(-1)).toEqual(['s10', 's11', 'pool']);
});

it('takes nothing once it is closed', () => {
  const { clock, taken, batches } = setUp();
  for (let i = 0; i < 20; i++) batches.add([change(`s${i}`)]);
  batches.close();
  clock.advance(1_000);
  expect(taken).toHaveLength(10);
});
