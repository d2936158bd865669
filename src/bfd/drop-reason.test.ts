import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { DROP_REASON_TEXT } from './drop-reason.ts';

it('docs/reference/bfd.md has every reason, in the words of decode', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/reference/bfd.md'), 'utf8');
  const rows = Object.entries(DROP_REASON_TEXT).map(([reason, text]) => `| \`${reason}\` | ${text} |`);
  expect(page.slice(page.indexOf('| reason |')).trimEnd().split('\n').slice(2)).toEqual(rows);
});
