import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printable } from './printable.ts';

it('leaves ordinary text alone', () => {
  expect(printable('Grüße, 世界 "x" \\ 😀')).toBe('Grüße, 世界 "x" \\ 😀');
});

it('leaves nothing that a terminal would obey', () => {
  expect(printable('a\u001b[2J\u009b1m\r\n\u202e\ud800')).toBe('a\\u{1b}[2J\\u{9b}1m\\u{d}\\u{a}\\u{202e}\\u{d800}');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
  );
});
