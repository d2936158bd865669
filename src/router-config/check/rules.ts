/** What `--check` may find in a running configuration. */
import type { Severity } from '../../config/problem.ts';
import type { DocumentedRule } from '../../lint/rule.ts';

type Entry = Pick<DocumentedRule, 'severity' | 'summary' | 'why' | 'help'>;

const ENTRIES = {
  'router-bgp-missing': {
    severity: 'error',
    summary: 'the configuration has no BGP',
    why: 'Nothing answers the speakers.',
    help: 'Enter the configuration that metallb router-config makes without --check.',
  },
  'router-wrong-local-asn': {
    severity: 'error',
    summary: 'the router is in another AS than the BGPPeers say',
    why: 'A speaker that is told another AS number in the OPEN ends the session (RFC 4271 section 6.2).',
    help: 'Correct peerASN of the BGPPeer, or the AS number of the router.',
  },
  'router-neighbor-missing': {
    severity: 'error',
    summary: 'a node is no neighbor of the router',
    why: 'Its session never comes up, and its paths are missing.',
    help: 'Add the neighbor.',
  },
  'router-neighbor-stale': {
    severity: 'info',
    summary: 'a neighbor in our AS is none of the nodes',
    why: 'It is a node that has gone, or one that is not in the input: whoever gets its address could open a session.',
    help: 'Remove the neighbor if the node has gone.',
  },
  'router-neighbor-shutdown': {
    severity: 'warning',
    summary: 'the session with a node is shut down on the router',
    why: 'The node announces to nobody here until it is enabled again.',
    help: 'Enable the neighbor again when the maintenance is over.',
  },
  'router-wrong-remote-asn': {
    severity: 'error',
    summary: 'the router expects a node in another AS',
    why: 'The router refuses the OPEN of the speaker (Bad Peer AS).',
    help: 'Correct the AS number of the neighbor.',
  },
  'router-password-missing': {
    severity: 'error',
    summary: 'the session has an MD5 key in the manifests, and none on the router',
    why: 'The kernel of each side drops the packets of the other: no session, and no message that says why.',
    help: 'Give the neighbor the key of the BGPPeer.',
  },
  'router-password-unexpected': {
    severity: 'error',
    summary: 'the session has an MD5 key on the router, and none in the manifests',
    why: 'The kernel of each side drops the packets of the other: no session, and no message that says why.',
    help: 'Give the BGPPeer the same key (passwordSecret), or remove the key from the neighbor.',
  },
  'router-password-differs': {
    severity: 'error',
    summary: 'the MD5 key on the router is another one than in the manifests',
    why: 'The kernel of each side drops the packets of the other: no session, and no message that says why.',
    help: 'Use one key on both sides.',
  },
  'router-password-unreadable': {
    severity: 'error',
    summary: 'what stands as an encrypted key is none',
    why: 'Type 7 begins with two digits and goes on in pairs of hexadecimal digits: the router refuses the line, and the neighbor has no key.',
    help: 'Enter the key itself; service password-encryption then makes type 7 of it.',
  },
  'router-timers-differ': {
    severity: 'info',
    summary: 'the timers on the router are others than in the manifests',
    why: 'The lower hold time of the two is used (RFC 4271 section 4.2): a longer one on the router changes nothing, a shorter one is a warning.',
    help: 'Use the same timers on both sides, so that what is read is what happens.',
  },
  'router-bfd-missing': {
    severity: 'warning',
    summary: 'the BGPPeer has a BFDProfile, and the router no BFD for the neighbor',
    why: 'A dead node is then noticed when the hold time is over, not within a second.',
    help: 'Turn BFD on for the neighbor, with the times of the BFDProfile.',
  },
  'router-multihop-missing': {
    severity: 'error',
    summary: 'the nodes are behind another router, and the router expects them on its own link',
    why: 'eBGP neighbors have to be on a subnet of the router unless it is told otherwise; it also sends with TTL 1.',
    help: 'Allow multihop for the neighbor; --subnet says it if the node is on a subnet of the router after all.',
  },
  'router-ttl-security-differs': {
    severity: 'error',
    summary: 'TTL security is on at one side only, or with another number of hops',
    why: 'The side that has it drops what the other sends with an ordinary TTL (RFC 5082).',
    help: 'Set ttlSecurityHops of the BGPPeer and TTL security of the neighbor to the same number.',
  },
  'router-family-inactive': {
    severity: 'error',
    summary: 'a family that the session carries is not active on the router',
    why: 'The session comes up and its routes of this family are ignored.',
    help: 'Activate the neighbor in the address family.',
  },
  'router-policy-not-applied': {
    severity: 'warning',
    summary: 'routes of a node pass through no policy',
    why: 'Whatever the node announces is taken, also a default route; FRR takes nothing instead, unless it is told to (RFC 8212).',
    help: 'Apply a route map that lets in the prefixes of the pools.',
  },
  'router-prefix-list-misses-pool': {
    severity: 'error',
    summary: 'the policy does not let in prefixes of a pool',
    why: 'Services get addresses that the router refuses to learn.',
    help: 'Permit the prefixes.',
  },
  'router-prefix-list-too-wide': {
    severity: 'warning',
    summary: 'the policy lets in more than the pools',
    why: 'A wrong manifest, or a node that is not itself, can draw traffic for other addresses.',
    help: 'Permit the blocks of the pools with the lengths that the advertisements use.',
  },
  'router-maximum-prefix-missing': {
    severity: 'warning',
    summary: 'nothing limits how many prefixes a node may announce',
    why: 'A node that announces without end fills the tables of the router.',
    help: 'Limit the prefixes of the neighbor.',
  },
  'router-maximum-prefix-too-low': {
    severity: 'error',
    summary: 'the pools make more prefixes than the router takes',
    why: 'The session ends when the pools are in use, and all Services with it.',
    help: 'Raise the limit.',
  },
  'router-multipath-missing': {
    severity: 'warning',
    summary: 'the router uses fewer equal paths than nodes announce',
    why: 'The other nodes get no traffic; with one path a single node carries everything.',
    help: 'Raise maximum-paths.',
  },
  'router-local-preference-differs': {
    severity: 'warning',
    summary: 'the router gives routes another local preference than their advertisement asks for',
    why: 'LOCAL_PREF does not reach a router of another AS: primary and backup differ only if the router makes the difference.',
    help: 'Set the local preference by the community of the advertisement.',
  },
  'router-graceful-shutdown-ignored': {
    severity: 'info',
    summary: 'routes with GRACEFUL_SHUTDOWN are used like all others',
    why: 'A node that is drained asks to be used last before it withdraws (RFC 8326); without that connections break.',
    help: 'Lower the local preference of routes with 65535:0.',
  },
  'router-syntax-outdated': {
    severity: 'warning',
    summary: 'the commands are of a version before VyOS 1.4',
    why: 'Since 1.4 the AS number is set once, with system-as: the router refuses the commands.',
    help: 'Set system-as, and leave the number out of all other commands.',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type CheckRuleName = keyof typeof ENTRIES;

export const CHECK_RULES: readonly DocumentedRule[] = Object.entries(ENTRIES).map(([name, entry]) => ({
  name,
  fires: [],
  silent: [],
  ...entry,
}));

export const severityOfRule = (rule: CheckRuleName): Severity => ENTRIES[rule].severity;

export const helpOfRule = (rule: CheckRuleName): string => ENTRIES[rule].help;
