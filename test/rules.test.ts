/** `docs/reference/rules.md`: each rule has a test that exists, or a reason why it has none; the page says what the table says. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RULES, rulesPage } from './rules/table.ts';

const PAGE = 'docs/reference/rules.md';
const sources = new Map<string, string>();

function sourceOf(file: string): string {
  let text = sources.get(file);
  if (text === undefined) {
    text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    sources.set(file, text);
  }
  return text;
}

/** Whether the file has a test of this name: the first argument of a call, in quotes of either kind. */
function hasTest(file: string, name: string): boolean {
  const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`\\(\\s*(?:'${quoted.replaceAll("'", "\\\\?'")}'|"${quoted}"),`).test(sourceOf(file));
}

it('names a test for each rule, or says why there is none', () => {
  for (const { section, rule, held, leftOut, differs } of RULES) {
    expect(held.length > 0, `${section} ${rule}`).toBe(leftOut === null);
    expect(rule.endsWith('.'), `${section} ${rule}: no full stop in a table`).toBe(false);
    if (differs !== null) expect(differs).not.toBe('');
  }
  const names = RULES.map(({ section, rule }) => `${section} ${rule}`);
  expect(new Set(names).size).toBe(names.length);
});

it('names tests that exist, and cases that stand in them', () => {
  const missing = RULES.flatMap(({ section, rule, held }) =>
    held.flatMap((test) => {
      const found = hasTest(test.file, test.name) && (test.case === null || sourceOf(test.file).includes(test.case));
      return found ? [] : [`${section} ${rule}: ${test.file}: ${test.name} ${test.case ?? ''}`];
    }),
  );
  expect(missing).toEqual([]);
});

it('knows a test that is not there', () => {
  expect(hasTest('test/rules.test.ts', 'knows a test that is not there')).toBe(true);
  expect(hasTest('test/rules.test.ts', ['knows', 'another', 'test'].join(' '))).toBe(false);
  expect(hasTest('test/no-such.test.ts', 'anything')).toBe(false);
});

it('is what the page says', () => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(PAGE, rulesPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(rulesPage());
});
