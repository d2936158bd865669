/** Where BFD is measured: two namespaces on a cable, with an address on either side for each session, and our end of it. */
import { join } from 'node:path';
import { link, type NetworkNamespace } from '../lab/netns.ts';
import { missingPackages, reachSystemPrograms } from '../lab/packages.ts';
import { type Sandbox, sandboxObstacle } from '../lab/sandbox.ts';
import type { EndOptions } from './bfd-end.ts';
import { JsonChild } from './process.ts';

export const DEVICE = 'e0';

/** The addresses of a session's ends: at the node, and at the router. */
export const nodeAddress = (i: number): string => `10.98.${1 + (i >> 7)}.${1 + (i & 127)}`;
export const routerAddress = (i: number): string => `10.98.${101 + (i >> 7)}.${1 + (i & 127)}`;
export const isNodeAddress = (address: string): boolean => Number(address.split('.')[2]) <= 100;

/** Why there can be no stage here; null where there can. */
export async function stageObstacle(packages: readonly string[]): Promise<string | null> {
  reachSystemPrograms(process.env);
  const missing = missingPackages(['iproute2', 'tshark', ...packages], process.env.PATH ?? '');
  if (missing.length > 0) return `Debian's packages are not installed: ${missing.join(', ')}`;
  return (await sandboxObstacle('root')) ?? null;
}

export interface Timing {
  readonly intervalMs: number;
  readonly detectMult: number;
}

export class BfdStage {
  readonly sessions: number;
  readonly node: NetworkNamespace;
  readonly router: NetworkNamespace;
  readonly #timing: Timing;

  private constructor(sessions: number, timing: Timing, node: NetworkNamespace, router: NetworkNamespace) {
    this.sessions = sessions;
    this.#timing = timing;
    this.node = node;
    this.router = router;
  }

  static async build(sandbox: Sandbox, sessions: number, timing: Timing): Promise<BfdStage> {
    const [node, router] = [await sandbox.namespace('node'), await sandbox.namespace('router')];
    const stage = new BfdStage(sessions, timing, node, router);
    const addresses = (of: (i: number) => string) => stage.each((i) => `${of(i)}/16`);
    await link(
      { namespace: node, device: DEVICE, addresses: addresses(nodeAddress) },
      { namespace: router, device: DEVICE, addresses: addresses(routerAddress) },
    );
    return stage;
  }

  /** One of something for each session. */
  each<T>(make: (i: number) => T): T[] {
    return Array.from({ length: this.sessions }, (_, i) => make(i));
  }

  /** Our BFD at one end, as a process of its own. */
  end(at: 'node' | 'router'): JsonChild {
    const [local, remote] = at === 'node' ? [nodeAddress, routerAddress] : [routerAddress, nodeAddress];
    const options: EndOptions = {
      sessions: this.each((i) => ({ local: local(i), remote: remote(i) })),
      device: DEVICE,
      ...this.#timing,
    };
    const script = join(import.meta.dirname, 'bfd-end.ts');
    return new JsonChild('our BFD', this[at].command([process.execPath, script, JSON.stringify(options)]));
  }
}
