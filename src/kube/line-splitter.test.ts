import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

it('gives the same lines however the bytes are cut', () => {
  const line = fc
    .array(fc.constantFrom('a', 'é', '€', '😀', '"', ' '), { minLength: 1 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 20 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const splitter = new LineSplitter(10_000);
      const found: string[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        found.push(...splitter.take(bytes.subarray(at, at + cut)));
        at += cut;
      }
      expect(found).toEqual(lines);
      expect(splitter.isInsideLine).toBe(false);
    }),
  );
});

it('knows that it stopped inside a line, and refuses one that is too long', () => {
  const splitter = new LineSplitter(8);
  expect(splitter.take(Buffer.from('abc\nde'))).toEqual(['abc']);
  expect(splitter.isInsideLine).toBe(true);
  expect(() => splitter.take(Buffer.from('fghijkl'))).toThrow(RangeError);
});
