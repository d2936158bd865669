import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sameMeaning } from './same-meaning.ts';

it.each([
  [{ a: 1 }, { a: 1, b: null, c: [], d: {}, e: '' }, true],
  [undefined, { a: { b: [] } }, true],
  [{ a: [1, 2] }, { a: [2, 1] }, false],
  [{ a: 0 }, {}, false],
  [{ a: false }, {}, false],
  [{ ingress: [{ ip: '192.0.2.1' }] }, { ingress: [{ ip: '192.0.2.1', hostname: '' }] }, true],
  ['1', 1, false],
])('%j and %j: %s', (a, b, same) => {
  expect(sameMeaning(a, b)).toBe(same);
  expect(sameMeaning(b, a)).toBe(same);
});

it('takes any JSON for the same as itself', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => sameMeaning(value, structuredClone(value))));
});
