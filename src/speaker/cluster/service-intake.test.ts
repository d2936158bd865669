import { expect, it } from 'vitest';
import type { SourceChange } from '../../follow/source.ts';
import type { CoreObject } from '../../plan/world/world-object.ts';
import { ServiceIntake } from './service-intake.ts';

const upsert = (key: string, value = 1): SourceChange<CoreObject> => ({
  type: 'upsert',
  key,
  value: { value } as unknown as CoreObject,
});
const named = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => upsert(`default/s${String(from + i).padStart(4, '0')}`));

function harness(breathe: () => void = () => {}) {
  const taken: (readonly SourceChange<CoreObject>[])[] = [];
  const intake = new ServiceIntake({
    take: (changes) => void taken.push(changes),
    breathe: () => Promise.resolve().then(breathe),
  });
  return { intake, taken, keys: () => taken.flat().map(({ type, key }) => `${type} ${key}`) };
}

it('takes nothing in before it is opened, then what was listed in slices, then changes as they come', async () => {
  const { intake, taken } = harness();
  intake.changed(named(0, 125));
  expect(taken).toEqual([]);
  expect(await intake.open()).toBe(125);
  expect(taken.map(({ length }) => length)).toEqual([50, 50, 25]);
  intake.changed([upsert('default/late'), { type: 'delete', key: 'default/late' }]);
  expect(taken[3]).toHaveLength(2);
});

it('takes what changed meanwhile as it last was, after what was there', async () => {
  let turns = 0;
  const { intake, taken, keys } = harness(() => {
    turns++;
    if (turns === 1)
      intake.changed([
        upsert('default/s0000', 2),
        { type: 'delete', key: 'default/s0099' },
        upsert('default/new', 1),
        upsert('default/new', 2),
      ]);
  });
  intake.changed(named(0, 100));
  await intake.open();
  expect(keys().slice(50)).toEqual([
    ...named(50, 99).map(({ key }) => `upsert ${key}`),
    'upsert default/s0000',
    'delete default/s0099',
    'upsert default/new',
  ]);
  expect(taken.flat().at(-1)).toMatchObject({ value: { value: 2 } });
});

it('opens with nothing to take', async () => {
  const { intake, taken } = harness();
  expect(await intake.open()).toBe(0);
  intake.changed([upsert('default/a')]);
  expect(taken).toHaveLength(1);
});
