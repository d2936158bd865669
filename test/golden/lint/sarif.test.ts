/**
 * SARIF of the guide's multi-router configuration, and of a file with a silenced finding: against a golden file and the essentials of the
 * schema (OASIS SARIF 2.1.0). `UPDATE_GOLDEN=1` writes the golden file anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metallb } from '../../cli/fake-io.ts';

interface Log {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly Run[];
}
interface Run {
  readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Descriptor[] } };
  readonly columnKind: string;
  readonly results: readonly Result[];
}
interface Descriptor {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly help: { readonly text: string; readonly markdown: string };
  readonly defaultConfiguration: { readonly level: string };
}
interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation?: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number; readonly startColumn: number };
    };
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions?: readonly { readonly kind: string; readonly justification: string }[];
}

const CLEAN = 'test/lint-corpus/clean-silenced.yaml';
const PATHS = ['examples/guide/multi-router', 'examples/guide/test-service', 'examples/guide/cluster', CLEAN];

const sarif = async (paths: readonly string[], stdin?: string): Promise<Log> => {
  const { stdout } = await metallb(['lint', '-o', 'sarif', ...paths], stdin === undefined ? {} : { stdin });
  return JSON.parse(stdout) as Log;
};

describe('metallb lint -o sarif', () => {
  it('is as reviewed; the descriptions of rules have pages of their own', async () => {
    const log = await sarif(PATHS);
    const [run] = log.runs;
    const rules = run?.tool.driver.rules.length ?? 0;
    expect(rules).toBeGreaterThan(100);
    // Without what changes with every rule and release.
    const driver = { ...run?.tool.driver, semanticVersion: '', rules: [] };
    const results = run?.results.map(({ ruleIndex: _, ...result }) => result);
    const shown = { ...log, runs: [{ ...run, tool: { driver }, results }] };
    const text = `${JSON.stringify(shown, null, 2)}\n`;
    const golden = join(import.meta.dirname, 'multi-router.sarif');
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });

  it('has what the schema demands, and what code scanning needs', async () => {
    const log = await sarif(PATHS);
    expect(log.$schema).toMatch(/sarif-2\.1\.0/);
    expect(log.version).toBe('2.1.0');
    expect(log.runs).toHaveLength(1);
    for (const { tool, results, columnKind } of log.runs) {
      expect(columnKind).toBe('utf16CodeUnits');
      const ids = tool.driver.rules.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const rule of tool.driver.rules) {
        expect(rule.shortDescription.text).not.toBe('');
        expect(rule.help.text).not.toBe('');
        expect(rule.help.markdown).toContain('What to do');
        expect(['error', 'warning', 'note']).toContain(rule.defaultConfiguration.level);
      }
      expect(results.length).toBeGreaterThan(5);
      const prints = results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
      expect(new Set(prints).size).toBe(prints.length);
      for (const result of results) {
        expect(ids[result.ruleIndex]).toBe(result.ruleId);
        expect(['error', 'warning', 'note']).toContain(result.level);
        expect(result.message.text).not.toBe('');
        expect(result.locations).toHaveLength(1);
        const place = result.locations[0]?.physicalLocation;
        expect(place?.artifactLocation.uri).toMatch(/^[\w/.-]+\.yaml$/);
        expect(place?.region.startLine).toBeGreaterThan(0);
        expect(place?.region.startColumn).toBeGreaterThan(0);
      }
    }
  });

  it('has what comments silence as suppressed, with the reason', async () => {
    const { runs } = await sarif([CLEAN]);
    const results = runs[0]?.results.filter(({ ruleId }) => ruleId !== 'not-running-yet') ?? [];
    expect(results.map(({ ruleId, suppressions }) => [ruleId, suppressions?.[0]?.justification]).sort()).toEqual([
      ['plain-text-password', 'the key is public, the lab has no secrets'],
      ['single-peer', 'the branch office has one router'],
    ]);
  });

  it('keeps fingerprints when lines move', async () => {
    const text = readFileSync(CLEAN, 'utf8');
    const prints = async (stdin: string): Promise<readonly string[]> =>
      ((await sarif(['-'], stdin)).runs[0]?.results ?? []).map(({ partialFingerprints }) =>
        JSON.stringify(partialFingerprints),
      );
    expect(await prints(`# one more line\n\n${text}`)).toEqual(await prints(text));
  });

  it('ends as lint does', async () => {
    expect((await metallb(['lint', '-o', 'sarif', 'examples/guide/primary-backup'])).status).toBe(1);
    expect((await metallb(['lint', '-o', 'sarif', 'examples/guide/cluster'])).status).toBe(0);
  });
});
