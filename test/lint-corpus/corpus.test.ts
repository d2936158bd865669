/**
 * The corpus: configurations with what lint must find in them, written from what users of MetalLB got wrong. It gives two figures: how much
 * of what must be found is found (recall), and how much is found that is not there (false alarms), here and on the guide's examples.
 *
 * A YAML file says in its header what must be found and where, a JSON file in a field `expect`: `rule@line`, or `rule@line:column`. What
 * stands in the header is all that may be found. `not-running-yet` does not count: it is about the state of this project.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/lint/catalogue.ts';
import { lintFiles } from '../../src/lint/report.ts';
import { parseManifests } from '../../src/manifest/manifest.ts';

const HERE = import.meta.dirname;
const GUIDE = join(HERE, '../../examples/guide');

/** What may be found on the guide's chapters, and why that is no false alarm. */
const ON_THE_GUIDE: Readonly<Record<string, string>> = {
  'local-pref-on-ebgp': 'decisions.md 6',
  'local-pref-differs': 'decisions.md 16',
  'node-selectors-all-any': 'decisions.md 1',
  'superseded-peer': 'decisions.md 17',
  'secret-after-peer': 'decisions.md 12',
  'peer-not-on-node-subnet': 'decisions.md 12 and 18',
  'unknown-peer': 'decisions.md 12: router-backup is never defined',
  'unknown-pool': 'a chapter by itself, whose pool is in another chapter',
  'unresolved-community': 'a chapter by itself, whose communities are in another chapter',
  'service-pending': 'a chapter by itself, whose pool is in another chapter',
  'plain-text-password': 'decisions.md 2 and 12: bgp-dc1-secret and bgp-dc2-secret are never defined',
  'deprecated-annotation': 'decisions.md 10',
  'no-advertise': 'the issue: on the backup path others must learn it',
  'no-export': 'the guide: local-only',
  'unused-community': 'environment-communities is a list to choose from',
  'pool-not-advertised': 'development-pool, for which the guide has no advertisement',
  'duplicate-object': 'production-pool stands in three chapters',
  'single-peer': 'the guide, best practice 1: a chapter by itself has one router',
  'no-bfd': 'the guide, best practice 4: the chapters before it have none',
};

interface Found {
  readonly rule: string;
  readonly line: number;
  readonly column: number;
}

function lintAll(paths: readonly string[]): readonly Found[] {
  const files = paths.map((path) => {
    const parsed = parseManifests(path, readFileSync(path, 'utf8'));
    if (!parsed.ok) throw new Error(`${path}:${parsed.error.line}: ${parsed.error.message}`);
    return parsed.value;
  });
  return lintFiles(files).findings.flatMap(({ finding: { rule }, position }) =>
    rule === 'not-running-yet' ? [] : [{ rule, line: position?.line ?? 0, column: position?.column ?? 0 }],
  );
}

function expectedIn(file: string, text: string): readonly string[] {
  if (file.endsWith('.json')) return (JSON.parse(text) as { readonly expect: readonly string[] }).expect;
  const lines = [...text.matchAll(/^# expect: (.*)$/gm)].map((match) => match[1] ?? '');
  expect(lines.length, `${file} has no header`).toBeGreaterThan(0);
  return lines.filter((line) => line !== 'nothing');
}

const isAt = (wanted: string, { rule, line, column }: Found): boolean =>
  wanted === `${rule}@${line}` || wanted === `${rule}@${line}:${column}`;

const cases = readdirSync(HERE)
  .filter((file) => !file.endsWith('.test.ts'))
  .sort()
  .map((file) => {
    const path = join(HERE, file);
    const wanted = expectedIn(file, readFileSync(path, 'utf8'));
    const found = lintAll([path]);
    return {
      file,
      wanted,
      missed: wanted.filter((one) => !found.some((other) => isAt(one, other))),
      alarms: found
        .filter((one) => !wanted.some((other) => isAt(other, one)))
        .map(({ rule, line, column }) => `${rule}@${line}:${column}`),
    };
  });

const chapters = readFileSync(join(GUIDE, 'ORDER'), 'utf8').trim().split('\n');
const pathsOf = (folder: string): readonly string[] =>
  readdirSync(join(GUIDE, folder))
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => join(GUIDE, folder, file));
const guide = [...chapters.map((chapter) => [chapter]), chapters].flatMap((folders) => [
  // Each chapter by itself, with the cluster, and all of them.
  { name: folders.join(' '), found: lintAll(folders.flatMap(pathsOf)) },
  { name: `${folders.join(' ')} cluster`, found: lintAll([...folders, 'cluster'].flatMap(pathsOf)) },
]);

describe('the corpus', () => {
  it.each(cases.map((one) => [one.file, one] as const))('%s', (_, { missed, alarms }) => {
    expect({ missed, alarms }).toEqual({ missed: [], alarms: [] });
  });

  it('is large enough, and has most rules in it', () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
    const labelled = new Set(cases.flatMap(({ wanted }) => wanted.map((one) => one.split('@')[0])));
    const names = CATALOGUE.map(({ name }) => name);
    expect([...labelled].filter((rule) => !names.includes(rule ?? ''))).toEqual([]);
    expect(labelled.size).toBeGreaterThan(names.length * 0.75);
  });
});

describe("the guide's examples", () => {
  it.each(guide.map((one) => [one.name, one] as const))('no false alarm: %s', (_, { found }) => {
    expect(found.filter(({ rule }) => ON_THE_GUIDE[rule] === undefined)).toEqual([]);
  });

  it('needs each of the reasons', () => {
    const rules = new Set(guide.flatMap(({ found }) => found.map(({ rule }) => rule)));
    expect(Object.keys(ON_THE_GUIDE).filter((rule) => !rules.has(rule))).toEqual([]);
  });
});

it('prints the figures', () => {
  const wanted = cases.reduce((sum, one) => sum + one.wanted.length, 0);
  const missed = cases.reduce((sum, one) => sum + one.missed.length, 0);
  const alarms = cases.reduce((sum, one) => sum + one.alarms.length, 0);
  const onGuide = guide.flatMap(({ found }) => found.filter(({ rule }) => ON_THE_GUIDE[rule] === undefined)).length;
  const rules = new Set(cases.flatMap((one) => one.wanted.map((label) => label.split('@')[0]))).size;
  console.log(
    `lint corpus: ${cases.length} configurations, ${wanted} labels of ${rules} rules (of ${CATALOGUE.length}); ` +
      `recall ${wanted - missed}/${wanted}, false alarms ${alarms}; ` +
      `on ${guide.length} readings of the guide: ${guide.reduce((sum, one) => sum + one.found.length, 0)} findings, false alarms ${onGuide}`,
  );
  expect([missed, alarms, onGuide]).toEqual([0, 0, 0]);
});
