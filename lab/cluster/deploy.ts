/** The product of this checkout, deployed as a user does it: its one file, and a wait for its Pods. */
import { join } from 'node:path';
import { CommandError } from '../run.ts';
import { ROOT } from '../speaker.ts';
import type { Cluster } from './cluster.ts';

export const MANIFEST = join(ROOT, 'deploy/metallb-ts.yaml');

/** @throws {CommandError} with what kubectl says, and the last words of the product. */
export async function deployProduct(cluster: Cluster): Promise<void> {
  const must = async (...args: readonly string[]): Promise<void> => {
    const finished = await cluster.kubectl(args, { timeoutMs: 180_000 });
    if (finished.status === 0) return;
    const { stdout } = await cluster.kubectl([
      'logs',
      '-n',
      'metallb-system',
      '-l',
      'app=metallb',
      '--prefix',
      '--tail=5',
    ]);
    throw new CommandError(['kubectl', ...args], { ...finished, stderr: `${finished.stderr}\n${stdout}` });
  };
  await must('apply', '-f', MANIFEST);
  await must(
    ...['wait', '--namespace', 'metallb-system', '--for=condition=ready', 'pod', '--selector=app=metallb'],
    '--timeout=150s',
  );
}
