/** What every router of the lab can be asked, whichever software it runs. */
import type { NetworkNamespace } from './netns.ts';

/** A BGP session as the router sees it. */
export interface RouterSession {
  readonly neighbor: string;
  /** The router's own word: `Established`, `Active`, `Connect` … */
  readonly state: string;
}

export interface Router {
  readonly name: string;
  readonly address: string;
  readonly namespace: NetworkNamespace;
  /** Name and version, as the program itself says. */
  readonly software: string;
  sessions(): Promise<readonly RouterSession[]>;
  /** The router's own overview of its sessions, for people. */
  sessionsText(): Promise<string>;
  /** The next hops of a prefix that the router forwards to, as BGP gave them, sorted. */
  nextHops(prefix: string): Promise<readonly string[]>;
  /** Every path of a prefix with its attributes in the router's own words, for people. */
  pathsText(prefix: string): Promise<string>;
}

/** A BFD session as the router sees it. */
export interface BfdSession {
  readonly neighbor: string;
  readonly isUp: boolean;
}

/** A router whose software has BFD. */
export interface BfdRouter extends Router {
  bfdSessions(): Promise<readonly BfdSession[]>;
}
