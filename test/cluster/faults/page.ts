/** `docs/reference/cluster-faults.md`, made of the table of faults. */
import { type ClusterFault, FAULTS, type Seen } from './table.ts';

const HEAD = `# Faults of a cluster

What goes wrong in a Kubernetes cluster, and what the product makes of it: shown on [the lab's cluster](../cluster.md) by \`test/cluster/faults.test.ts\`, with three
nodes and the guide's four routers (FRR). The faults of the API as such, in all their forms, are in [faults](faults.md).

In each of them the routers' own counts say which sessions ended (of 12), and their kernels say of every route when it went. No address moves and no route
goes that should stay by what is stored, not for a moment; nothing but the sessions of a speaker that ended itself ends. Afterwards a new Service gets its
address and is announced by all nodes to all routers, and what stands in the statuses of pools, peers, speakers and Services is true again.

Of log, metrics and Kubernetes events that is given which the fault shows itself by; a component behind each.
`;

const code = (pick: (seen: Seen) => readonly string[], { controller, speaker }: ClusterFault): string => {
  const parts = [
    ['controller', pick(controller)],
    ['speaker', pick(speaker)],
  ] as const;
  const words = parts
    .filter(([, names]) => names.length > 0)
    .map(([component, names]) => `${component}: ${names.map((name) => `\`${name}\``).join(', ')}`);
  return words.length === 0 ? '-' : words.join('; ');
};

const ended = ({ sessionsEndOn }: ClusterFault): string =>
  sessionsEndOn.length === 0 ? '0' : `0, and the 4 of ${sessionsEndOn.join(', ')}`;

/** The page as it should be. */
export function faultsPage(): string {
  const rows = FAULTS.map((fault) =>
    [
      '',
      fault.fault,
      fault.does,
      code(({ log }) => log, fault),
      code(({ metrics }) => metrics, fault),
      code(({ events }) => events, fault),
      ended(fault),
      fault.routesGo ?? '0',
      '',
    ]
      .join(' | ')
      .trim(),
  );
  const head = [
    '| fault | what it does | log | metrics | events | sessions dropped | routes lost |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  return [HEAD, ...head, ...rows, ''].join('\n');
}
