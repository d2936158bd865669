/**
 * Who reads the wall clock: nobody whose timers, leases or deadlines would go by it. Where a time of day is written for people to read, it is injected;
 * what happens when it jumps is a row of test/faults/faults.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SOURCES = join(import.meta.dirname, '../src');

/** A new Date of now, or its number; `new Date(NUMBER)` is no clock. */
const READS = /\bDate\.now\b|\bnew Date\(\)|\bperformance\.timeOrigin\b|\bprocess\.hrtime\b/;

/** Stand-ins for what a cluster has, which are no part of a daemon. */
const NOT_THE_PRODUCT = ['apiserver/', 'demo/'];

/** Where a process begins, and the time that stands on a line of its log. */
const EDGES = ['cli/commands/controller.ts', 'cli/commands/speaker.ts', 'io/logger.ts'];

it('is read where processes begin and on lines of the log, and nowhere else', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testing/'),
  );
  expect(files.length).toBeGreaterThan(300);
  const readers = files.filter((file) => READS.test(readFileSync(join(SOURCES, file), 'utf8')));
  expect(readers.filter((file) => !NOT_THE_PRODUCT.some((folder) => file.startsWith(folder))).sort()).toEqual(EDGES);
});
