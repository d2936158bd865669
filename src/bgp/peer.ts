/** One BGP peer: its FSMs, its Adj-RIB-Out and what it tells. The types of its boundary are in `peer-types.ts`. */
import type { Prefix } from '../net/prefix.ts';
import type { Notification } from './packet/notification.ts';
import type {
  AdvertisedRoute,
  ConnectFailure,
  Connection,
  PeerConfig,
  PeerDependencies,
  PeerStatus,
} from './peer-types.ts';
import type { RouteAttributes } from './route.ts';

export type * from './peer-types.ts';

export declare class Peer {
  constructor(config: PeerConfig, deps: PeerDependencies);
  start(): void;
  stop(notification?: Notification): void;
  connected(connection: Connection): void;
  connectFailed(failure: ConnectFailure): void;
  accept(connection: Connection): void;
  receive(connection: Connection, bytes: Uint8Array): void;
  connectionLost(connection: Connection, error: ConnectFailure | null): void;
  drained(connection: Connection): void;
  announce(prefix: Prefix, attributes: RouteAttributes): void;
  withdraw(prefix: Prefix): void;
  replace(routes: Iterable<readonly [Prefix, RouteAttributes]>): void;
  flush(): void;
  get status(): PeerStatus;
  adjRibOut(): Iterable<AdvertisedRoute>;
}
