/** A pool that reaches into the addresses from which the cluster gives Services their cluster IPs. */
import { describeNetwork, type Network, poolsInside, serviceNetworks } from '../cluster-networks.ts';
import { manifest, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';

/** A cluster IP says all of itself by whose it is. */
const describe = (network: Network): string =>
  network.range.first.value === network.range.last.value ? network.source : describeNetwork(network);

export const poolOverlapsServiceCidr: LintRule = {
  name: 'pool-overlaps-service-cidr',
  severity: 'warning',
  help: 'Give the pool addresses that the cluster does not use inside.',
  summary: 'a pool overlaps the addresses of cluster IPs',
  why: `A cluster IP exists inside the nodes only: kube-proxy rewrites it on every one of them. A Service whose external address is some other Service's cluster IP sends the clients inside the
cluster to that other one. Known are ServiceCIDR objects, --service-cluster-ip-range of an API server among the Pods, and the cluster IPs of the Services that are given.`,
  fires: [
    manifest(
      pool('web', 'addresses: [10.96.0.0/24]'),
      service('shop', 'clusterIP: 10.96.0.10\nclusterIPs: [10.96.0.10]'),
    ),
    manifest(
      pool('web', 'addresses: [10.96.8.0/24]'),
      'apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: { name: kubernetes }\nspec: { cidrs: [10.96.0.0/12] }\n',
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      service('shop', 'clusterIP: 10.96.0.10\nclusterIPs: [10.96.0.10]'),
    ),
  ],
  check: (plan, objects) => poolsInside(plan, serviceNetworks(objects), describe),
};
