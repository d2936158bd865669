/** K3s' own load balancer, which serves the same Services. */
import type { LintRule } from '../rule.ts';

const daemonSet = (name: string): string =>
  `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: ${name}, namespace: kube-system }\nspec: {}\n`;

export const k3sServiceLb: LintRule = {
  name: 'k3s-service-lb',
  severity: 'warning',
  help: 'Start the K3s server with --disable servicelb.',
  summary: "K3s' service load balancer runs beside MetalLB",
  why: `K3s makes a DaemonSet svclb-NAME for each Service of type LoadBalancer, and writes the addresses of the nodes into the Service's status. Two controllers then overwrite each other there, over and over.`,
  fires: [daemonSet('svclb-shop-1a2b3c4d')],
  silent: [daemonSet('node-exporter')],
  check: (_, objects) =>
    objects
      .of('DaemonSet')
      .filter(({ metadata }) => /^svclb-/.test(metadata.name))
      .slice(0, 1)
      .map(({ metadata: { namespace, name } }) => ({
        object: { kind: 'DaemonSet', namespace, name },
        path: ['metadata', 'name'],
        message: `DaemonSet ${name} is of K3s' service load balancer, which serves the same Services and overwrites their status`,
      })),
};
