/** Reads what vitest's JSON reporter wrote: counts, what was skipped and why, and which files never got as far as a test. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** More than these failing at once is no busy machine. */
const FILES_TO_REPEAT = 3;

/** Where a test has real daemons, sockets and the machine's clock to do with; what has not is right or wrong at the first run. */
const DEPENDS_ON_THE_MACHINE = /\/test\/(?:system|faults|interop|cluster|contract)\//;

const parsed = (file) => JSON.parse(readFileSync(file, 'utf8'));
const failedTestsOf = (result) =>
  result.assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);

/**
 * @param {string} file
 * @returns {{ passed: number, failed: number, skipped: string[], broken: string[], failedTests: string[], passedWhenRepeated: string[] }}
 * `skipped` are the tests' full names, whose titles say why; `broken` are files that failed outside any test (each counts as one
 * failure); `passedWhenRepeated` failed at first and passed when their file was run once more (they count as passed).
 */
export function readReport(file) {
  const { testResults, passedWhenRepeated = [] } = parsed(file);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const broken = testResults
    .filter((result) => result.status === 'failed' && failedTestsOf(result).length === 0)
    .map(({ name }) => name);
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + broken.length,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
    broken,
    failedTests: testResults.flatMap(failedTestsOf),
    passedWhenRepeated,
  };
}

/**
 * Makes one report of several.
 *
 * @returns {number} how many are not there: of runs that died.
 */
export function joinReports(file, parts) {
  const there = parts.filter((part) => existsSync(part));
  writeFileSync(file, JSON.stringify({ testResults: there.flatMap((part) => parsed(part).testResults) }));
  return parts.length - there.length;
}

/**
 * @param {string} file
 * @returns {string[]} paths of the test files of this report that failed and depend on the machine; none where that many failed
 * that running them once more would only take time.
 */
export function filesToRepeat(file) {
  const failed = parsed(file)
    .testResults.filter(({ status }) => status === 'failed')
    .map(({ name }) => name);
  return failed.length <= FILES_TO_REPEAT ? failed.filter((name) => DEPENDS_ON_THE_MACHINE.test(name)) : [];
}

/** Puts what the second run of some files said in the place of what the first said of them, and notes what passes only now. */
export function takeRepeated(file, repeatedFile) {
  if (!existsSync(repeatedFile)) return;
  const first = parsed(file);
  const repeated = new Map(parsed(repeatedFile).testResults.map((result) => [result.name, result]));
  const passedWhenRepeated = first.testResults.flatMap((result) => {
    const again = repeated.get(result.name);
    if (again === undefined) return [];
    const still = new Set(failedTestsOf(again));
    if (again.status === 'failed' && still.size === 0) return [];
    const failed = failedTestsOf(result);
    return (failed.length === 0 && result.status === 'failed' ? [result.name] : failed).filter(
      (name) => !still.has(name),
    );
  });
  const testResults = first.testResults.map((result) => repeated.get(result.name) ?? result);
  writeFileSync(file, JSON.stringify({ ...first, testResults, passedWhenRepeated }));
}

/** Prints names under a title, one a line; nothing where there are none. */
export function printNames(title, names) {
  if (names.length === 0) return;
  process.stdout.write(`\n${title} (${names.length}):\n${names.map((name) => `  ${name}\n`).join('')}`);
}

/** Prints what did not run, so that a green run never hides it. */
export const printSkipped = (names) => printNames('Skipped', names);

/** Prints what passed at the second run only: a test that loses a race with a busy machine is to be mended all the same. */
export const printRepeated = (names) => printNames('Failed at first, passed when run once more', names);
