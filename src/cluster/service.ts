/** v1 Service: what allocation and announcement need of it. */
import type { Ip, IpFamily } from '../net/ip.ts';

export interface Service {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339, or null where the Service was never in a cluster. */
  readonly creationTimestamp: string | null;
  readonly type: string;
  readonly loadBalancerClass: string | null;
  /** As written in `spec.loadBalancerIP`; judged by the allocator. */
  readonly loadBalancerIP: string | null;
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  /** The families that the Service has, primary first: from `clusterIPs`, else from the policy and `ipFamilies`. */
  readonly ipFamilies: readonly IpFamily[];
  readonly ipFamilyPolicy: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
  /** Valid addresses of `status.loadBalancer.ingress`, in their order. */
  readonly ingress: readonly Ip[];
}

export interface ServicePort {
  readonly protocol: string;
  readonly port: number;
}
