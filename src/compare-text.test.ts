import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareText } from './compare-text.ts';

it('orders texts as their UTF-8 octets are ordered', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    {
      examples: [
        ['\uffff', '\u{10000}'],
        ['a\ue000', 'a\u{1f600}'],
        ['', 'a'],
      ],
    },
  );
});
