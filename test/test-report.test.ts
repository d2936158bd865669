import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesToRepeat, joinReports, readReport, takeRepeated } from '../scripts/report.mjs';

type Status = 'passed' | 'failed' | 'skipped';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'metallb-test-report-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const fileResult = (name: string, tests: Record<string, Status>, status?: Status) => ({
  name: `/checkout/${name}`,
  status: status ?? (Object.values(tests).includes('failed') ? 'failed' : 'passed'),
  assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
});

const report = (name: string, ...testResults: ReturnType<typeof fileResult>[]): string => {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify({ testResults }));
  return path;
};

describe('the report of a test run', () => {
  it('counts tests, and a file that failed outside of any test as one failure', () => {
    const path = report(
      'r.json',
      fileResult('test/interop/a.test.ts', { one: 'passed', two: 'failed', three: 'skipped' }),
      fileResult('test/interop/b.test.ts', {}, 'failed'),
    );
    expect(readReport(path)).toEqual({
      passed: 1,
      failed: 2,
      skipped: ['three'],
      broken: ['/checkout/test/interop/b.test.ts'],
      failedTests: ['two'],
      passedWhenRepeated: [],
    });
  });

  it('repeats what depends on the machine, nothing of the pure tests, and nothing at all where much failed', () => {
    const failed = (name: string) => fileResult(name, { [name]: 'failed' });
    const few = report('few.json', failed('test/cluster/a.test.ts'), failed('src/plan/b.test.ts'));
    expect(filesToRepeat(few)).toEqual(['/checkout/test/cluster/a.test.ts']);
    const many = report('many.json', ...['a', 'b', 'c', 'd'].map((name) => failed(`test/interop/${name}.test.ts`)));
    expect(filesToRepeat(many)).toEqual([]);
  });

  it('is joined of several, and says how many are missing', () => {
    const [a, b] = [
      report('a.json', fileResult('a.test.ts', { one: 'passed' })),
      report('b.json', fileResult('b.test.ts', { two: 'failed' })),
    ];
    const joined = join(directory, 'joined.json');
    expect(joinReports(joined, [a, join(directory, 'never.json'), b])).toBe(1);
    expect(readReport(joined)).toMatchObject({ passed: 1, failed: 1, failedTests: ['two'] });
  });

  it('names what passes at the second run only, and keeps what fails twice', () => {
    const first = report(
      'first.json',
      fileResult('test/interop/a.test.ts', { one: 'failed', two: 'failed', three: 'passed' }),
      fileResult('test/interop/b.test.ts', {}, 'failed'),
      fileResult('test/interop/c.test.ts', { four: 'passed' }),
    );
    const second = report(
      'second.json',
      fileResult('test/interop/a.test.ts', { one: 'passed', two: 'failed', three: 'passed' }),
      fileResult('test/interop/b.test.ts', { five: 'passed' }),
    );
    takeRepeated(first, second);
    expect(readReport(first)).toMatchObject({
      passed: 4,
      failed: 1,
      failedTests: ['two'],
      broken: [],
      passedWhenRepeated: ['one', '/checkout/test/interop/b.test.ts'],
    });
  });

  it('stays as it is where the second run left no report', () => {
    const first = report('first.json', fileResult('test/interop/a.test.ts', { one: 'failed' }));
    const before = readFileSync(first, 'utf8');
    takeRepeated(first, join(directory, 'none.json'));
    expect(readFileSync(first, 'utf8')).toBe(before);
  });
});
