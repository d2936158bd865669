/** Whether what stands in the cluster about itself is true: pools, peers, speakers and what each Service is announced to. */
import { CLUSTER_NODES } from '../../../lab/cluster/layout.ts';
import { type FaultStage, OWN } from './stage.ts';

interface Item {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec?: { readonly type?: string };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] };
    readonly assignedIPv4?: number;
    readonly established?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly counts?: { readonly sessions: number; readonly established: number; readonly services: number };
    readonly node?: string;
    readonly serviceName?: string;
    readonly serviceNamespace?: string;
    readonly peers?: readonly string[];
  };
}

const PEERS = 4;

/** What is said and what is so; equal, when all of it is true. */
export async function statuses(stage: FaultStage): Promise<{ readonly said: unknown; readonly so: unknown }> {
  const items = async (...what: readonly string[]): Promise<readonly Item[]> =>
    (JSON.parse(await stage.harness.kubectl('get', ...what, '-o', 'json')) as { readonly items: readonly Item[] })
      .items;
  const balanced = (await items('services', '-A')).filter(({ spec }) => spec?.type === 'LoadBalancer');
  const addressed = balanced.filter(({ status }) => status?.loadBalancer?.ingress !== undefined);
  const names = addressed.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const nodes = CLUSTER_NODES.map(({ name }) => name);
  const accepted = ({ metadata, status }: Item): string =>
    `${metadata.name}: ${status?.conditions?.find(({ type }) => type === 'Accepted')?.status}`;

  const [pools, peers, speakers, announced] = [
    await items('ipaddresspools', '-n', OWN),
    await items('bgppeers', '-n', OWN),
    await items('speakerstatuses', '-n', OWN),
    await items('servicebgpstatuses', '-n', OWN),
  ];
  return {
    said: {
      withoutAddress: balanced.length - addressed.length,
      pools: pools.map((item) => `${accepted(item)}, ${item.status?.assignedIPv4} assigned`),
      peers: peers.map((item) => `${accepted(item)}, ${item.status?.established}`),
      speakers: speakers.map(({ metadata, status: { counts } = {} }) => ({
        name: metadata.name,
        sessions: counts?.sessions,
        established: counts?.established,
        services: counts?.services,
      })),
      announced: announced
        .map(
          ({ status }) => `${status?.node} ${status?.serviceNamespace}/${status?.serviceName} ${status?.peers?.length}`,
        )
        .sort(),
    },
    so: {
      withoutAddress: 0,
      pools: [`production-pool: True, ${addressed.length} assigned`],
      peers: peers.map(({ metadata }) => `${metadata.name}: True, 3/3`),
      speakers: nodes.map((name) => ({ name, sessions: PEERS, established: PEERS, services: addressed.length })),
      announced: nodes.flatMap((node) => names.map((name) => `${node} ${name} ${PEERS}`)).sort(),
    },
  };
}
