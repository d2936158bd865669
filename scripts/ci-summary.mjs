/**
 * Adds up the reports of a CI run and prints its closing line.
 *
 *     node scripts/ci-summary.mjs DIR
 *
 * The counts are those of vitest's own JSON reports in DIR; a step that failed without a failed test (style, types, a runner that
 * died) counts as one failure, so that the line never says 0 failed of a run that failed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from './bootstrap.mjs';
import { printNames, printRepeated, printSkipped, readReport } from './report.mjs';

const [directory] = process.argv.slice(2);
if (directory === undefined) fail('usage: node scripts/ci-summary.mjs DIR');

const names = readdirSync(directory).sort();
const paths = (suffix) => names.filter((name) => name.endsWith(suffix)).map((name) => join(directory, name));
const reports = paths('.vitest.json').map(readReport);
const steps = paths('.steps.json').flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).failed);

printSkipped(reports.flatMap(({ skipped }) => skipped));
printRepeated(reports.flatMap(({ passedWhenRepeated }) => passedWhenRepeated));
printNames(
  'Failed',
  reports.flatMap(({ failedTests }) => failedTests),
);
for (const name of reports.flatMap(({ broken }) => broken)) process.stdout.write(`Failed outside any test: ${name}\n`);
for (const name of steps) process.stdout.write(`Failed step: ${name}\n`);

const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
const passed = sum('passed');
const failed = sum('failed') + steps.length;
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
// No test at all is no success.
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
