/** BGPPeer, v1beta1 and v1beta2. */
import type { Ip } from '../net/ip.ts';
import type { Secret } from '../secret.ts';
import type { Selector } from './selector.ts';

export interface Peer {
  readonly name: string;
  readonly myASN: number;
  /** Null where `dynamicASN` says which kind of peer is accepted instead. */
  readonly peerASN: number | null;
  readonly dynamicASN: 'internal' | 'external' | null;
  readonly localASN: number | null;
  /** Null for an unnumbered peer, which has an `interface` instead. */
  readonly peerAddress: Ip | null;
  readonly interface: string | null;
  readonly peerPort: number;
  readonly sourceAddress: Ip | null;
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  readonly connectTimeSeconds: number | null;
  /** IPv4; null means the node's own (docs/decisions.md 22). */
  readonly routerID: Ip | null;
  readonly nodeSelectors: readonly Selector[];
  /** Null means the process's `--node-selectors`. */
  readonly nodeSelectorsPolicy: NodeSelectorsPolicy | null;
  readonly authentication: Authentication;
  readonly bfdProfile: string | null;
  readonly ebgpMultiHop: boolean;
  readonly vrf: string | null;
  readonly dualStackAddressFamily: boolean;
  readonly enableGracefulRestart: boolean;
  readonly ttlSecurityHops: number | null;
  readonly maxPrefixes: number;
}

/** How several entries of `nodeSelectors` combine (docs/decisions.md 1). */
export type NodeSelectorsPolicy = 'All' | 'Any';

/** TCP MD5 (RFC 2385), and where its key comes from (docs/decisions.md 2 and 3). */
export type Authentication =
  | { readonly type: 'none' }
  | { readonly type: 'md5'; readonly key: Secret; readonly source: KeySource };

export type KeySource =
  | { readonly type: 'secret'; readonly name: string }
  /** `spec.password` is the key itself: no Secret of that name exists. */
  | { readonly type: 'text' };

/** eBGP or iBGP; a `dynamicASN` peer says which it will be. */
export const sessionTypeOf = (peer: Pick<Peer, 'myASN' | 'peerASN' | 'dynamicASN'>): 'internal' | 'external' =>
  peer.dynamicASN ?? (peer.peerASN === peer.myASN ? 'internal' : 'external');
