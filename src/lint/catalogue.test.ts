/** Every rule does what it says of itself: its examples fire and stay silent, and its page in docs/lint is current. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { INPUT_RULES } from '../config/rules.ts';
import { CATALOGUE } from './catalogue.ts';
import { indexPage, rulePage } from './page.ts';
import { LINT_RULES } from './registry.ts';
import { lintText } from './report.ts';

const PAGES = resolve(import.meta.dirname, '../../docs/lint');

/** Found by a running process, or gone once everything runs: no manifest can show them. */
const WITHOUT_EXAMPLE = ['last-good-version', 'secret-gone', 'not-running-yet', 'not-supported-yet'];

const findingsOf = (yaml: string) => {
  const report = lintText('example.yaml', yaml);
  expect(report, yaml).toBeDefined();
  return (report?.findings ?? []).map(({ finding }) => finding);
};

describe('the catalogue', () => {
  it('has each rule once, and words for all of them', () => {
    const names = CATALOGUE.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...INPUT_RULES.keys()].filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(CATALOGUE.map((rule) => [rule.name, rule] as const))('%s explains itself', (_, rule) => {
    expect(rule.summary).toMatch(/^\S.{15,110}\S$/);
    expect(rule.summary).not.toMatch(/\.$/);
    expect(rule.why.length).toBeGreaterThan(60);
    expect(rule.help.length).toBeGreaterThan(9);
    if (!WITHOUT_EXAMPLE.includes(rule.name)) expect(rule.fires.length).toBeGreaterThan(0);
    expect(rule.silent.length).toBeGreaterThan(0);
  });

  it('lists as a rule of lint only what has a file of its own', () => {
    const files = readdirSync(resolve(import.meta.dirname, 'rules')).filter((file) => !file.endsWith('.test.ts'));
    expect(LINT_RULES.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
  });
});

describe.each(CATALOGUE.map((rule) => [rule.name, rule] as const))('%s', (name, rule) => {
  it.each(rule.fires.map((yaml, i) => [i, yaml] as const))('fires on its example %i', (_, yaml) => {
    const findings = findingsOf(yaml);
    expect(
      findings.map((found) => found.rule),
      yaml,
    ).toContain(name);
    // An example shows one thing: nothing else in it would be refused.
    expect(findings.filter((found) => found.severity === 'error' && found.rule !== name)).toEqual([]);
  });

  it.each(rule.silent.map((yaml, i) => [i, yaml] as const))('is silent on its counterexample %i', (_, yaml) => {
    const findings = findingsOf(yaml);
    expect(findings.filter((found) => found.rule === name || found.severity === 'error')).toEqual([]);
  });
});

describe('docs/lint', () => {
  const pages = new Map([
    ...CATALOGUE.map((rule) => [`${rule.name}.md`, rulePage(rule)] as const),
    ['README.md', indexPage(CATALOGUE)] as const,
  ]);
  if (process.env.UPDATE_GOLDEN) {
    for (const file of readdirSync(PAGES)) rmSync(resolve(PAGES, file));
    for (const [file, text] of pages) writeFileSync(resolve(PAGES, file), text);
  }

  it('has a page for each rule, an index, and nothing else', () => {
    expect(readdirSync(PAGES).sort()).toEqual([...pages.keys()].sort());
  });

  it.each([...pages])('%s is current (UPDATE_GOLDEN=1 writes it anew)', (file, text) => {
    expect(readFileSync(resolve(PAGES, file), 'utf8')).toBe(text);
  });
});
