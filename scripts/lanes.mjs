/**
 * In which lanes the tests of the project `root` run. Most of their time daemons wait for each other, so that two files at a time take two processors
 * half as long; but where a test says how fast something is, or two seconds of a full processor are a failure, it has the machine to itself.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What is measured in milliseconds. */
const ALONE = /^test\/interop\/(?:bfd\/|failover)|^test\/cluster\/guide/;
/** A real Kubernetes. */
const CLUSTER = /^test\/(?:cluster|contract)\//;

/** The test files of the project, as vitest.config.ts has them. */
export function rootTestFiles(root) {
  const under = (folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return [...under('test/interop'), ...under('test/cluster'), 'test/contract/real.test.ts'].sort();
}

/**
 * @param {readonly string[]} files
 * @returns {{ together: string[][], alone: string[] }} each file in exactly one lane.
 */
export function lanesOf(files) {
  const alone = files.filter((file) => ALONE.test(file));
  const others = files.filter((file) => !ALONE.test(file));
  const isOfCluster = (file) => CLUSTER.test(file);
  return { together: [others.filter(isOfCluster), others.filter((file) => !isOfCluster(file))], alone };
}
