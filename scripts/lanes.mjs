/**
 * In which lanes the tests of the project `root` run. Most of their time daemons wait for each other, so that two files at a time take two processors
 * half as long; but where a test says how fast something is, or two seconds of a full processor are a failure, it has the machine to itself.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What is measured, or has BFD towards daemons that share the processors with everything else. */
const ALONE = /^test\/interop\/(?:bfd\/|failover|primary-backup)|^test\/cluster\/(?:faults|guide)/;
/** A real Kubernetes, and what takes little beside it, so that both lanes take as long. */
const BESIDE_CLUSTER =
  /^test\/(?:cluster|contract)\/|^test\/interop\/(?:guide-network|metrics|session-features|tshark)/;

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
  const isBesideCluster = (file) => BESIDE_CLUSTER.test(file);
  return { together: [others.filter(isBesideCluster), others.filter((file) => !isBesideCluster(file))], alone };
}
