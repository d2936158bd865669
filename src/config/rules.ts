/**
 * The catalogue of what reading the input can find: each rule with its severity and what to do about it.
 *
 * Rules are found where the objects are read (`manifest/`, `config/`, `cluster/`), so that whoever reads them (plan, lint, speaker,
 * webhook) finds the same. Rules that need a whole plan live in `lint/` with a catalogue of the same shape. A severity: error is what the
 * cluster or a speaker would refuse or what cannot work, and the object is left out; warning works, but hardly as its author means it;
 * info is worth knowing.
 */
import type { Severity } from './problem.ts';

/** One rule of a catalogue. */
export interface Rule {
  readonly name: string;
  readonly severity: Severity;
  /** What to do about it, where the finding itself has nothing more exact. */
  readonly help: string;
}

type Entry = readonly [severity: Severity, help: string];

const ENTRIES = {
  // Reading files: manifest/
  'missing-kind': [
    'info',
    'add apiVersion and kind if this is meant to be an object; otherwise keep it out of the input',
  ],
  'missing-name': ['error', 'give the object a metadata.name'],
  'bad-name': ['error', 'use lower-case letters, digits, "-" and ".", as Kubernetes demands'],
  'unknown-kind': [
    'warning',
    'use a kind of this version: IPAddressPool, BGPPeer, BGPAdvertisement, L2Advertisement, Community, BFDProfile',
  ],
  'operator-kind': ['info', 'nothing to do: this object configures the operator, which is not part of metallb-ts'],
  'frr-configuration': [
    'warning',
    'write what it says of peers, communities and BFD as metallb.io objects; there is no FRR here that could read the rest',
  ],
  'unsupported-version': ['error', 'use a version that is served: v1beta2 for BGPPeer, v1beta1 for the other kinds'],
  'deprecated-version': ['warning', 'write apiVersion: metallb.io/v1beta2'],
  'other-namespace': ['warning', 'move the object to the namespace of metallb-ts, or name that one with --namespace'],
  'duplicate-object': ['warning', 'remove one of the two, or give it another name'],
  'unsubstituted-variable': [
    'warning',
    'run the manifest through the tool that fills in its variables (envsubst, for example) first',
  ],

  // The shape of an object: config/shape.ts
  'unknown-field': ['warning', 'remove the field or correct its name: it is ignored'],
  'wrong-type': ['error', 'write a value of the type that the field has'],
  'missing-field': ['error', 'add the field'],
  'out-of-range': ['error', 'choose a value inside the bounds'],
  'unknown-value': ['error', 'use one of the values that the field knows'],
  'bad-address': ['error', 'write an IP address, as 192.0.2.1 or 2001:db8::1'],
  'bad-range': ['error', 'write a prefix (192.0.2.0/24) or FIRST-LAST (192.0.2.10-192.0.2.20)'],
  'bad-duration': ['error', 'write a number with its unit, as 90s or 1m30s'],
  'bad-selector': ['error', 'correct the selector: as it stands the cluster refuses it'],
  'duplicate-entry': ['error', 'remove the entry that stands there twice'],
  'conflicting-fields': ['error', 'keep one of the fields'],
  'family-mismatch': ['error', 'use addresses of one family'],
  'deprecated-field': ['info', 'remove the field: it has no effect'],

  // What has no engine yet
  'not-running-yet': [
    'info',
    'nothing to do: the object is understood and checked, and takes effect in a later version',
  ],
  'not-supported-yet': [
    'error',
    'remove the field: to ignore it would make another session than the one that is meant, so the object is left out',
  ],

  'last-good-version': ['warning', 'correct the errors of the object: after a restart it is absent'],

  // IPAddressPool
  'overlapping-ranges': ['error', 'give each address to one pool and one entry only'],

  // BGPPeer
  'bad-timers': [
    'error',
    'use a hold time of 0 or of 3 s to 65535 s, and a keepalive time that is not above it (a third is usual)',
  ],
  'ipv6-router-id': ['error', 'write an IPv4 address: the BGP identifier is a 32-bit number (RFC 6286)'],
  'ebgp-multihop-on-ibgp': ['error', 'remove ebgpMultiHop: the peer is internal (peerASN is myASN)'],
  'plain-text-password': [
    'warning',
    'create a Secret in the namespace of metallb-ts, with the key "password", and name it in passwordSecret.name or in password',
  ],
  'empty-password': ['error', 'put the key that the router has into the Secret'],
  'password-too-long': ['error', 'agree with the router on a key of at most 80 bytes: the kernel takes no longer one'],
  'password-whitespace': [
    'warning',
    'create the Secret from a value without the line break (echo -n, or --from-literal)',
  ],
  'secret-not-found': ['error', 'create the Secret in the namespace of metallb-ts'],
  'bad-secret': ['error', 'give the Secret the type kubernetes.io/basic-auth or Opaque and the key "password"'],
  'secret-gone': ['warning', 'create the Secret again: after a restart its key is no longer known'],
  'secret-namespace': [
    'warning',
    'remove passwordSecret.namespace: only Secrets in the namespace of metallb-ts are read',
  ],
  'secret-after-peer': ['info', 'put the Secret before the peer that names it'],
  'unknown-bfd-profile': ['warning', 'create the BFDProfile, or correct the name'],
  'strict-bfd-without-profile': ['warning', 'name a BFDProfile in spec.bfdProfile, or remove strictBFD'],

  // Community, and its use
  'bad-community': ['error', 'write a:b or large:a:b:c in decimal numbers, or a well-known word such as no-export'],
  'duplicate-alias': ['error', 'give each alias one definition in all Community objects together'],
  'unresolved-community': ['error', 'name an alias of a Community, a Community, a well-known word, or write a:b'],
  'ambiguous-community': ['warning', 'give the alias or the Community another name; the alias is used'],

  // BGPAdvertisement
  'aggregation-too-short': [
    'error',
    'use an aggregation length of at least the shortest prefix of each range of its pools',
  ],
  'aggregation-with-service-selectors': [
    'error',
    'remove serviceSelectors or the aggregation lengths: an aggregate speaks for Services that are not selected',
  ],
  'local-pref-conflict': [
    'error',
    'give both advertisements one localPref, or separate them by peers, nodes, pools or aggregation length',
  ],
  'local-pref-differs': [
    'info',
    'nothing breaks: LOCAL_PREF is not sent to external peers; use communities, med or asPathPrepend to prefer a path there',
  ],

  // Core kinds: cluster/
  'headless-load-balancer': ['error', 'remove clusterIP: None, or the type LoadBalancer'],
  'bad-base64': ['error', 'encode the value of data in base64, or write it in stringData'],
} as const satisfies Record<string, Entry>;

/** The names of the rules in {@link INPUT_RULES}. */
export type InputRuleName = keyof typeof ENTRIES;

/** Every rule of this catalogue by its name. */
export const INPUT_RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries(ENTRIES).map(([name, [severity, help]]) => [name, { name, severity, help }]),
);
