import { expect, it } from 'vitest';
import { cutText } from './cut-text.ts';

it('leaves alone what fits', () => {
  expect(cutText('', 3)).toBe('');
  expect(cutText('abc', 3)).toBe('abc');
});

it('says that something is missing, within the length', () => {
  expect(cutText('abcd', 3)).toBe('ab…');
});

it('never cuts a character in half', () => {
  for (let max = 1; max <= 9; max++) {
    const cut = cutText('a😀😀b😀', max);
    expect(cut.isWellFormed(), `${max}: ${cut}`).toBe(true);
    expect(cut.length).toBeLessThanOrEqual(max);
  }
});
