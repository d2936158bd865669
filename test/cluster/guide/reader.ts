/**
 * A reader of the guide: runs its commands by bash, and keeps what came of them.
 *
 * The commands of the reader's PATH are kubectl with the cluster's kubeconfig, vtysh on the first router, curl on the client beyond the routers, and
 * `show`, as on a router of another vendor: FRR knows the same words.
 */
import { appendFileSync, chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../lab/cluster/cluster.ts';
import { MANIFEST } from '../../../lab/cluster/deploy.ts';
import { programDirectory } from '../../../lab/kubernetes/binaries.ts';
import { type Finished, tryRun } from '../../../lab/run.ts';
import type { Sandbox } from '../../../lab/sandbox.ts';

/** What the guide fetches. */
const URL = 'https://raw.githubusercontent.com/metallb/metallb/v0.14.5/config/manifests/metallb-native.yaml';

export interface Said extends Finished {
  readonly command: string;
}

export class Reader {
  readonly #env: Readonly<Record<string, string>>;
  readonly #transcript: string | undefined;

  /** @param transcript - a file that all commands and their outputs are appended to. */
  constructor(cluster: Cluster, sandbox: Sandbox, transcript: string | undefined) {
    this.#transcript = transcript;
    const bin = sandbox.subdirectory('reader');
    const program = (name: string, line: string): void => {
      const file = join(bin, name);
      writeFileSync(file, `#!/bin/sh\n${line}\n`);
      chmodSync(file, 0o755);
    };
    const onRouter = (name: string): string => `exec /usr/bin/vtysh --vty_socket ${sandbox.directory}/frr-${name}`;
    program('vtysh', `${onRouter('dc1-router-primary')} "$@"`);
    program('show', `${onRouter('dc1-router-secondary')} -c "show $*"`);
    program('curl', `exec ${cluster.client.command(['/usr/bin/curl', '-sS', '--max-time', '5']).join(' ')} "$@"`);
    this.#env = {
      PATH: `${bin}:${programDirectory(process.env)}:${process.env.PATH ?? ''}`,
      KUBECONFIG: cluster.kubeconfig,
    };
  }

  /** Runs one command, with our manifest in place of MetalLB's. */
  async run(command: string): Promise<Said> {
    const line = command.replace(URL, MANIFEST);
    const finished = await tryRun(['bash', '-c', line], { env: this.#env, timeoutMs: 150_000 });
    if (this.#transcript !== undefined) {
      const status = finished.status === 0 ? '' : `[status ${finished.status}]\n`;
      appendFileSync(this.#transcript, `$ ${line}\n${finished.stdout}${finished.stderr}${status}\n`);
    }
    return { command: line, ...finished };
  }
}
