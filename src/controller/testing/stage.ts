/** Controllers on an API in memory, in virtual time. */
import { createLogger, type Logger } from '../../io/logger.ts';
import {
  BFD_PROFILE,
  BGP_ADVERTISEMENT,
  BGP_PEER,
  IP_ADDRESS_POOL,
  NAMESPACE,
  NODE,
  SERVICE,
} from '../../kube/resource-types.ts';
import { MemoryApi } from '../../kube/testing/memory-api.ts';
import type { KubeObject, ResourceType } from '../../kube/types.ts';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions } from '../../plan/snapshot.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { type RunningController, startController } from '../run.ts';

export const OWN = 'metallb-system';

type Json = Readonly<Record<string, unknown>>;

export class Stage {
  readonly clock = new VirtualClock();
  readonly api = new MemoryApi();
  /** What was logged, as JSON. */
  readonly lines: Json[] = [];
  #random = 1;

  /** @param turn - runs wherever the controller lets others run. */
  start(
    podName = 'controller-a',
    planOptions: Partial<PlanOptions> = {},
    turn: () => Promise<void> = () => Promise.resolve(),
  ): RunningController {
    return startController(
      { podName, planOptions: { ...DEFAULT_PLAN_OPTIONS, ...planOptions } },
      {
        api: this.api.client(podName),
        clock: this.clock,
        wallClock: () => new Date(Date.UTC(2026, 5, 1) + this.clock.now()),
        random: () => this.#chance(),
        log: this.log(),
        breathe: turn,
      },
    );
  }

  log(): Logger {
    return createLogger('all', { write: (line: string) => void this.lines.push(JSON.parse(line)) });
  }

  /** Lets time pass. */
  async run(ms: number, stepMs = 50): Promise<void> {
    await settle();
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await settle();
    }
  }

  pool(name: string, ...addresses: readonly string[]): KubeObject {
    return this.api.create(IP_ADDRESS_POOL, { metadata: { name, namespace: OWN }, spec: { addresses } });
  }

  peer(name: string, spec: Json): KubeObject {
    return this.api.create(BGP_PEER, {
      metadata: { name, namespace: OWN },
      spec: { myASN: 64_512, peerASN: 64_513, ...spec },
    });
  }

  advertisement(name: string, spec: Json = {}): KubeObject {
    return this.api.create(BGP_ADVERTISEMENT, { metadata: { name, namespace: OWN }, spec });
  }

  profile(name: string, spec: Json): KubeObject {
    return this.api.create(BFD_PROFILE, { metadata: { name, namespace: OWN }, spec });
  }

  node(name: string, labels: Readonly<Record<string, string>> = {}): KubeObject {
    return this.api.create(NODE, { metadata: { name, labels }, spec: {}, status: {} });
  }

  namespace(name: string): KubeObject {
    return this.api.create(NAMESPACE, { metadata: { name } });
  }

  service(name: string, spec: Json = {}, metadata: Json = {}, status: Json = {}): KubeObject {
    return this.api.create(SERVICE, {
      metadata: { name, namespace: 'default', ...metadata },
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.96.0.1',
        clusterIPs: ['10.96.0.1'],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ port: 80, protocol: 'TCP' }],
        ...spec,
      },
      status,
    });
  }

  /** The addresses that a Service shows. */
  ips(name: string): readonly string[] {
    return ingressOf(this.api.get(SERVICE, `default/${name}`));
  }

  /** What was written by a controller to a resource. */
  written(type: ResourceType, client = 'controller-a') {
    return this.api.writes.filter((write) => write.client === client && write.plural === type.plural);
  }

  /** Deterministic, and different for each draw. */
  #chance(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  }
}

export function ingressOf(service: KubeObject | undefined): readonly string[] {
  const { loadBalancer } = (service?.status ?? {}) as {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] };
  };
  return loadBalancer?.ingress?.map(({ ip }) => ip) ?? [];
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}
