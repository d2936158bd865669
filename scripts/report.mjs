/** Reads what vitest's JSON reporter wrote: counts, what was skipped and why, and which files never got as far as a test. */
import { readFileSync } from 'node:fs';

/**
 * @param {string} file
 * @returns {{ passed: number, failed: number, skipped: string[], broken: string[] }} `skipped` are the tests' full names, whose
 * titles say why; `broken` are files that failed outside any test (each counts as one failure).
 */
export function readReport(file) {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failedIn = (result) => result.assertionResults.some(({ status }) => status === 'failed');
  const broken = testResults
    .filter((result) => result.status === 'failed' && !failedIn(result))
    .map(({ name }) => name);
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + broken.length,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
    broken,
  };
}

/** Prints what did not run, one test a line, so that a green run never hides it. */
export function printSkipped(skipped) {
  if (skipped.length === 0) return;
  process.stdout.write(`\nSkipped (${skipped.length}):\n${skipped.map((name) => `  ${name}\n`).join('')}`);
}
