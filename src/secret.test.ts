import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from './secret.ts';

it('prints as redacted in every way that Node prints, and reveals only when asked', () => {
  const secret = new Secret('canary');
  const printed = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9, showHidden: true }),
  ];
  for (const text of printed) expect(text).not.toContain('canary');
  expect(secret.reveal()).toBe('canary');
  expect(secret.equals(new Secret('canary'))).toBe(true);
  expect(secret.equals(new Secret('other'))).toBe(false);
});
