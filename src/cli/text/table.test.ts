import { expect, it } from 'vitest';
import { counted, shortList, tableOf } from './table.ts';

it('aligns columns, and leaves no blank at the end of a line', () => {
  expect(
    tableOf(
      ['A', 'LONG', ''],
      [
        ['wide', 'x', ''],
        ['b', 'y', 'last'],
      ],
      (_, text) => text,
    ),
  ).toBe('  A     LONG\n  wide  x\n  b     y     last\n');
});

it('cuts a list only where that saves something', () => {
  expect(shortList(['a', 'b', 'c'], 2)).toBe('a, b, c');
  expect(shortList(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
  expect([counted(1, 'prefix', 'prefixes'), counted(0, 'node')]).toEqual(['1 prefix', '0 nodes']);
});
