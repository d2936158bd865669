/**
 * `npm test`: installs what is missing, runs every test that needs no root, and checks style and types.
 *
 *     node scripts/test.mjs [--reports DIR] [PROJECT…]
 *
 * Without a project: `unit` and `system`, then Biome and the type checker. With projects (`root`), those tests alone. With
 * `--reports` the runner's JSON report and the list of failed steps stay in DIR, where `ci-summary.mjs` reads them.
 *
 * `root` is run in lanes (scripts/lanes.mjs): two at a time of what mostly waits, then one file after the other of what is measured.
 *
 * A file with real daemons, sockets and the machine's clock that failed is run once more by itself, when the rest is through. What
 * passes only then counts as passed, and is named in a list of its own.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, install, ROOT, runNode } from './bootstrap.mjs';
import { lanesOf, rootTestFiles } from './lanes.mjs';
import { filesToRepeat, joinReports, printRepeated, printSkipped, readReport, takeRepeated } from './report.mjs';

const { values, positionals } = parseArgs({ options: { reports: { type: 'string' } }, allowPositionals: true });
const known = ['unit', 'system', 'root'];
for (const name of positionals)
  if (!known.includes(name)) fail(`no test project ${name}: there are ${known.join(', ')}`);

install({ dev: true });

const projects = positionals.length > 0 ? positionals : ['unit', 'system'];
const reports = values.reports === undefined ? mkdtempSync(join(tmpdir(), 'metallb-test-')) : resolve(values.reports);
mkdirSync(reports, { recursive: true });
const report = join(reports, `${projects.join('-')}.vitest.json`);
rmSync(report, { force: true });

const failedSteps = [];
const step = async (name, args) => {
  if ((await runNode(args)) !== 0) failedSteps.push(name);
};

const vitest = (file, paths) => [
  join(ROOT, 'node_modules/vitest/vitest.mjs'),
  'run',
  ...projects.flatMap((name) => ['--project', name]),
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${file}`,
  ...paths,
];

const tests = `tests (${projects.join(', ')})`;

/** Runs what is selected, lane by lane where it has some, into one report. */
async function run() {
  if (projects.join() !== 'root') return runNode(vitest(report, []));
  const { together, alone } = lanesOf(rootTestFiles(ROOT));
  const part = (n) => join(reports, `root.${n}.json`);
  // The output of all lanes but the first is held back, so that it can be read.
  const statuses = await Promise.all(together.map((files, n) => runNode(vitest(part(n), files), {}, n > 0)));
  const last = together.length;
  statuses.push(await runNode(vitest(part(last), alone)));
  const parts = statuses.map((_, n) => part(n));
  if (joinReports(report, parts) > 0) failedSteps.push(`${tests}: a part ended without a report`);
  return statuses.find((status) => status !== 0) ?? 0;
}

let testStatus = await run();
const again = testStatus !== 0 && existsSync(report) ? filesToRepeat(report) : [];
if (again.length > 0) {
  process.stdout.write(`\nOnce more, by themselves:\n${again.map((name) => `  ${name}\n`).join('')}`);
  const repeated = join(reports, `${projects.join('-')}.repeated.json`);
  testStatus = await runNode(vitest(repeated, again));
  takeRepeated(report, repeated);
}
if (testStatus !== 0 || (existsSync(report) && readReport(report).failed > 0)) failedSteps.push(tests);
if (positionals.length === 0) {
  await step('style (biome check)', [join(ROOT, 'node_modules/@biomejs/biome/bin/biome'), 'check', '.']);
  await step('types (tsc)', [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit']);
}

if (existsSync(report)) {
  const { skipped, passedWhenRepeated } = readReport(report);
  printSkipped(skipped);
  printRepeated(passedWhenRepeated);
}
process.stdout.write(failedSteps.length === 0 ? '\nAll steps succeeded.\n' : `\nFailed: ${failedSteps.join('; ')}\n`);
process.exitCode = failedSteps.length === 0 ? 0 : 1;

if (values.reports === undefined) rmSync(reports, { recursive: true, force: true });
else {
  // A failed test run that left failures in its report is counted there; only what the report cannot show is a failed step.
  const inReport = existsSync(report) && readReport(report).failed > 0;
  const steps = failedSteps.filter((name) => name !== tests || !inReport);
  writeFileSync(join(reports, `${projects.join('-')}.steps.json`), JSON.stringify({ failed: steps }));
}
