/** What making a router's configuration may find: the rules with their severity and what to do. `check/rules.ts` has those of `--check`. */
import type { FieldPath, Finding } from '../config/problem.ts';
import type { DocumentedRule } from '../lint/rule.ts';

type Entry = Pick<DocumentedRule, 'severity' | 'summary' | 'why' | 'help'>;

const ENTRIES = {
  'router-without-peer': {
    severity: 'error',
    summary: 'there is no BGPPeer, so no router',
    why: 'A router is configured for the sessions that BGPPeers ask for.',
    help: 'Add the BGPPeers to the input.',
  },
  'router-nodes-unknown': {
    severity: 'error',
    summary: 'nothing says which neighbors the router has',
    why: 'Neighbors of a router are the addresses of the Nodes that the BGPPeer selects.',
    help: 'Add the Nodes to the input (kubectl get nodes -o yaml), or give the range that they dial from with --listen-range PREFIX.',
  },
  'router-selects-no-node': {
    severity: 'error',
    summary: 'a BGPPeer selects none of the Nodes',
    why: 'A router without neighbors has no session, and its half of the paths does not exist.',
    help: 'Correct the nodeSelectors of the BGPPeer, add the missing Nodes to the input, or remove the BGPPeer.',
  },
  'router-asn-unknown': {
    severity: 'error',
    summary: 'the AS number of the router is nowhere said',
    why: 'dynamicASN external accepts any AS: the router has one of its own, which its configuration begins with.',
    help: 'Set peerASN instead of dynamicASN.',
  },
  'router-with-two-asns': {
    severity: 'error',
    summary: 'BGPPeers of one address have different AS numbers for it',
    why: 'A router is in one AS; one of the BGPPeers would never have a session.',
    help: 'Give the BGPPeers the same peerASN, or the address of the router that each of them means.',
  },
  'router-with-two-ports': {
    severity: 'error',
    summary: 'BGPPeers of one address have different ports',
    why: 'For the router both are the same neighbor: it cannot have two sessions with one address of a node.',
    help: 'Give the BGPPeers the same peerPort.',
  },
  'router-node-without-address': {
    severity: 'error',
    summary: 'a Node has no address that the session could come from',
    why: 'The neighbor of the router is the InternalIP of the Node, of the family of peerAddress.',
    help: 'Give the Node an InternalIP of that family, or keep the BGPPeer from it with nodeSelectors.',
  },
  'router-ambiguous-peers': {
    severity: 'error',
    summary: 'several BGPPeers mean the router, and nothing tells their neighbors apart',
    why: 'Neighbors from one range are treated alike: one password, one set of timers, one policy.',
    help: 'Add the Nodes to the input and leave out --listen-range, so that each neighbor is listed with its own BGPPeer.',
  },
  'router-outside-range': {
    severity: 'error',
    summary: 'a Node is outside of the range that the router listens to',
    why: 'Its session would be refused.',
    help: 'Widen --listen-range, or leave it out so that each Node is listed.',
  },
  'router-too-many-neighbors': {
    severity: 'error',
    summary: 'more Nodes have a session than the router takes neighbors',
    why: 'The last ones would have none, and which ones these are would change with every restart.',
    help: 'Let fewer Nodes have a session (nodeSelectors of the BGPPeer), or raise --max-neighbors if the router can do more.',
  },
  'router-pool-without-peer': {
    severity: 'error',
    summary: 'a pool is to be announced, and no advertisement of it reaches a router',
    why: 'Its addresses would be given to Services, and no router would ever hear of them.',
    help: 'Name BGPPeers that exist in spec.peers of the advertisement, or add the BGPPeer that it names.',
  },
  'router-preference-conflict': {
    severity: 'error',
    summary: 'a router is asked for two local preferences by the same community',
    why: 'A router of another AS gets no LOCAL_PREF and can tell the routes of advertisements apart by their communities alone.',
    help: 'Give one of the two advertisements a community that the other one does not carry.',
  },
  'router-key-unknown': {
    severity: 'error',
    summary: '--show-passwords, and the key of a session is not among the objects',
    why: 'A configuration with a placeholder instead of a key that was asked for would be taken for a complete one.',
    help: 'Add the Secret to the input, or leave out --show-passwords.',
  },
  'router-key-unwritable': {
    severity: 'error',
    summary: 'a key has characters that the router cannot be told',
    why: 'A configuration in which the key is cut short or read as something else would keep the session from coming up.',
    help: 'Use a key of printable ASCII characters without spaces, quotes, backslashes and question marks, on both sides.',
  },
  'router-hold-time-unsupported': {
    severity: 'error',
    summary: 'a hold time of 0 cannot be configured on the router',
    why: 'Without it the router closes the session when no keepalive comes.',
    help: 'Set holdTime of the BGPPeer to 3 s or more.',
  },
  'router-advertisement-unreachable': {
    severity: 'warning',
    summary: 'an advertisement reaches no router',
    why: 'None of the BGPPeers that it names exists, or none has a session; the guide names router-backup and never defines it.',
    help: 'Define the BGPPeer that the advertisement names, or correct the name.',
  },
  'router-gets-nothing': {
    severity: 'warning',
    summary: 'no advertisement reaches a router, whose policy then lets nothing in',
    why: 'Its sessions come up and carry no route.',
    help: 'Name the BGPPeer in spec.peers of the advertisements that are meant for it, or remove it.',
  },
  'router-preference-untold': {
    severity: 'warning',
    summary: 'localPref is asked of a router, and no community tells it which routes are meant',
    why: 'LOCAL_PREF does not reach a router of another AS (RFC 4271 section 5.1.5), so that the path is not preferred.',
    help: 'Add a community to the advertisement.',
  },
  'router-bfd-profile-unknown': {
    severity: 'warning',
    summary: 'the BFDProfile of a BGPPeer is not among the objects',
    why: 'Its times are not known, so that the router gets no BFD: a dead node is noticed when the hold time is over.',
    help: 'Add the BFDProfile to the input, or correct bfdProfile of the BGPPeer.',
  },
  'router-bfd-ttl-too-low': {
    severity: 'warning',
    summary: 'what the router sends for BFD over several hops is refused for its TTL',
    why: 'BIRD sends it with the default TTL of its kernel, 64; the speaker lets in minimumTtl of the BFDProfile and more, 254 unless it says otherwise. BFD then never comes up, and a silent loss is noticed when the hold time is over.',
    help: "Raise the default TTL of the router's kernel to 255 (sysctl net.ipv4.ip_default_ttl, net.ipv6.conf.INTERFACE.hop_limit), or lower minimumTtl of the BFDProfile to 64 less the routers between.",
  },
  'router-distance-guessed': {
    severity: 'info',
    summary: 'whether a router is on the subnet of its nodes is a guess',
    why: 'A Node does not say how long its prefix is: /24 and /64 are taken for granted. Multihop is configured where the router is outside.',
    help: 'Say the real subnets with --subnet PREFIX.',
  },
  'router-paths-limited': {
    severity: 'warning',
    summary: 'more nodes announce than the router uses equal paths',
    why: 'The others announce and get no traffic, and which ones they are changes whenever a session comes or goes.',
    help: 'Let fewer nodes announce (nodeSelectors), or use a router that shares among more paths.',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type RouterRuleName = keyof typeof ENTRIES;

/** In the order in which they are looked for. */
export const ROUTER_RULES: readonly DocumentedRule[] = Object.entries(ENTRIES).map(([name, entry]) => ({
  name,
  fires: [],
  silent: [],
  ...entry,
}));

/** A finding of a rule about an object of the manifests. */
export const routerFinding = (
  rule: RouterRuleName,
  object: Finding['object'],
  path: FieldPath,
  message: string,
  help: string = ENTRIES[rule].help,
): Finding => ({ rule, severity: ENTRIES[rule].severity, message, help, object, path });
