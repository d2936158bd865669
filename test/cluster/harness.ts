/** A cluster of the lab for the tests of one file, and kubectl on it. */
import { expect } from 'vitest';
import { Cluster, type ClusterOptions } from '../../lab/cluster/cluster.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';

export interface Harness extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly sandbox: Sandbox;
  /** Standard output of a kubectl that must succeed. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Applies objects as one file. */
  apply(...objects: readonly object[]): Promise<void>;
  /** Asks kubectl again and again. */
  until(args: readonly string[], done: (stdout: string) => boolean, timeoutMs?: number): Promise<string>;
}

export async function startHarness(options: Partial<ClusterOptions> = {}): Promise<Harness> {
  const sandbox = new Sandbox('root');
  try {
    const cluster = await Cluster.start({ sandbox, env: process.env, ...options });
    const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
      const { status, stdout, stderr } = await cluster.kubectl(args, input === undefined ? {} : { input });
      expect(`${args.join(' ')}: ${status === 0 ? 'ok' : stderr}`).toBe(`${args.join(' ')}: ok`);
      return stdout;
    };
    return {
      cluster,
      sandbox,
      kubectl: (...args) => kubectl(args),
      apply: async (...objects) => {
        await kubectl(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));
      },
      until: (args, done, timeoutMs = 30_000) =>
        until(`kubectl ${args.join(' ')}`, async () => (await cluster.kubectl(args)).stdout, {
          timeoutMs,
          everyMs: 200,
          done,
        }),
      [Symbol.asyncDispose]: () => sandbox.close(),
    };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

/** A Pod with one container `main` of the image of tools, in the namespace `default`. */
export function toolPod(name: string, script: string, container: object = {}, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script], ...container }],
      ...spec,
    },
  };
}
