/** Rules about which objects there are: documents, kinds, names, variables. */
import { manifest, peer, pool, service } from '../example.ts';
import type { InputRuleDocs } from './index.ts';

const POOL = pool('web', 'addresses: [192.0.2.0/24]');

export const FILE_RULES: InputRuleDocs = {
  'missing-kind': {
    summary: 'a document has no kind, and is passed over',
    why: `Without a kind nothing says what the document is. A values file that lies among manifests is harmless; an object whose kind was lost is not applied.`,
    fires: ['metadata: { name: web }\nspec: { addresses: [192.0.2.0/24] }\n'],
    silent: [POOL],
  },
  'missing-name': {
    summary: 'an object has no name',
    why: `The cluster refuses an object without metadata.name. A name that YAML reads as a number or a boolean (5, yes) is none either: it needs quotes.`,
    fires: [POOL.replace('name: web', 'name: 5')],
    silent: [POOL.replace('name: web', "name: '5'")],
  },
  'bad-name': {
    summary: 'a name is none that Kubernetes allows',
    why: `A name has lower-case letters, digits, "-" and "." (RFC 1123): the cluster refuses anything else.`,
    fires: [POOL.replace('name: web', 'name: Web_Pool')],
    silent: [POOL.replace('name: web', 'name: web-pool')],
  },
  'unknown-kind': {
    summary: 'metallb.io has no such kind',
    why: `AddressPool went with MetalLB 0.13; other words are misspelt. The object is not applied, and what was meant by it is missing.`,
    fires: [POOL.replace('IPAddressPool', 'AddressPool')],
    silent: [POOL],
  },
  'operator-kind': {
    summary: "an object is the operator's, and has no effect here",
    why: `Kind MetalLB tells the MetalLB operator how to deploy. Its settings (logLevel, node selectors, tolerations) have to be made anew in the manifest of
metallb-ts.`,
    fires: [
      'apiVersion: metallb.io/v1beta1\nkind: MetalLB\nmetadata: { name: metallb, namespace: metallb-system }\nspec: { logLevel: debug }\n',
    ],
    silent: [POOL],
  },
  'frr-configuration': {
    summary: 'an object of frr-k8s cannot carry over',
    why: `FRRConfiguration configures the FRR that frr-k8s runs beside MetalLB: neighbors, prefixes to receive, and raw lines of frr.conf. There is no FRR here, so nothing of it has an
effect. What it says with metallb.io objects too (peers, communities, BFD profiles) can be written there; routes that the node is to learn, and raw
configuration, cannot. FRRConfigurations that MetalLB itself writes (metallb-NODE) say nothing of their own, and status kinds say nothing at all: those are infos.`,
    fires: [
      `apiVersion: frrk8s.metallb.io/v1beta1
kind: FRRConfiguration
metadata: { name: receive-all, namespace: metallb-system }
spec:
  bgp:
    routers:
      - asn: 64513
        neighbors: [{ address: 10.0.0.1, asn: 64512, toReceive: { allowed: { mode: all } } }]
  raw:
    rawConfig: |
      router bgp 64513
        bgp bestpath as-path multipath-relax
`,
    ],
    silent: [peer('router-a', 'peerAddress: 10.0.0.1')],
  },
  'unsupported-version': {
    summary: 'a kind is not served in this version',
    why: `The cluster refuses an apiVersion that its CustomResourceDefinition does not serve: BGPPeer has v1beta1 and v1beta2, the other kinds v1beta1.`,
    fires: [POOL.replace('v1beta1', 'v1alpha1')],
    silent: [POOL],
  },
  'deprecated-version': {
    summary: 'BGPPeer v1beta1 is deprecated',
    why: `MetalLB's lacks most fields (passwordSecret, connectTime, vrf, interface, dynamicASN …; here they count), and its conversion makes a hold time of 0 of one that was left out; here, left out
means the default.`,
    fires: [peer('router-a', 'peerAddress: 10.0.0.1').replace('v1beta2', 'v1beta1')],
    silent: [peer('router-a', 'peerAddress: 10.0.0.1')],
  },
  'other-namespace': {
    summary: 'a metallb.io object is in another namespace, and does not count',
    why: `Only objects in the namespace of metallb-ts are read. MetalLB's webhook refuses the others when they are made; without it they are just not seen.`,
    fires: [POOL.replace('metallb-system', 'default')],
    silent: [POOL],
  },
  'duplicate-object': {
    summary: 'two documents are one object: the later counts',
    why: `As with kubectl apply the later replaces the earlier, silently there. Usually one of them was to have another name.`,
    fires: [manifest(POOL, pool('web', 'addresses: [198.51.100.0/24]'))],
    silent: [manifest(POOL, pool('dev', 'addresses: [198.51.100.0/24]'))],
  },
  'unsubstituted-variable': {
    summary: 'a variable was not filled in',
    why: `\${VAR} in a manifest is for a tool that has not run: the text goes to the cluster as it stands. The object is left out.`,
    fires: [peer('router-a', `peerAddress: \${ROUTER}`)],
    silent: [peer('router-a', 'peerAddress: 10.0.0.1')],
  },
  'last-good-version': {
    summary: 'a faulty object keeps the version that it had before',
    why: `Reported by a running controller or speaker, not by a reading of files: an object that turns faulty stays in force as it was, everything else goes on, and after a
restart it is absent until it is corrected.`,
    fires: [],
    silent: [POOL],
  },
  'headless-load-balancer': {
    summary: 'a Service of type LoadBalancer has clusterIP: None',
    why: `A headless Service has no virtual address that kube-proxy could serve: the cluster refuses the combination.`,
    fires: [service('shop', 'clusterIP: None')],
    silent: [service('shop', 'clusterIP: 10.96.0.10\nclusterIPs: [10.96.0.10]')],
  },
};
