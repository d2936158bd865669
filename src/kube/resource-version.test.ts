import { expect, it } from 'vitest';
import { isOlderVersion } from './resource-version.ts';

it.each([
  ['9', '10', true],
  ['10', '9', false],
  ['10', '10', false],
  ['123456789012345678901', '123456789012345678902', true],
  // What is no number cannot be compared.
  ['', '1', false],
  ['abc', '1', false],
  ['01', '2', false],
])('%s is older than %s: %s', (a, b, older) => {
  expect(isOlderVersion(a, b)).toBe(older);
});
