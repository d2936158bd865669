/**
 * A row of the matrix: one capability, and what each daemon must then hold or say.
 *
 * A row is a folder: `row.ts` (this), `speaker.yaml` (our manifests, beside the common `base.yaml`), and one configuration for each
 * daemon that has the capability. All of a row's daemons run side by side, each with a session to one speaker.
 */
import type { Bench } from './bench.ts';
import { DAEMONS, type DaemonName, type Topology } from './network.ts';
import type { HeldRoute, Subject } from './subject.ts';
import type { BirdSubject } from './subject-bird.ts';
import type { ExabgpSubject } from './subject-exabgp.ts';
import type { FrrSubject } from './subject-frr.ts';
import type { GobgpSubject } from './subject-gobgp.ts';

export interface Subjects {
  readonly frr: FrrSubject;
  readonly bird: BirdSubject;
  readonly gobgp: GobgpSubject;
  readonly exabgp: ExabgpSubject;
}

/** Throws when something is not as it must be. */
export type Check<S extends Subject> = (subject: S, bench: Bench) => Promise<void>;

/** What must be so on every daemon (`all`), and then on single ones. */
export type Checks = { readonly all?: Check<Subject> } & { readonly [D in DaemonName]?: Check<Subjects[D]> };

/** By prefix; what is left out of a route is that of {@link EBGP_ROUTE}. Null: no such route. */
export type ExpectedRoutes = Readonly<Record<string, Partial<HeldRoute> | null>>;

export interface Capability {
  readonly title: string;
  /** Daemons that have not got it, and why; or one reason for all. */
  readonly notSupported?: Readonly<Partial<Record<DaemonName, string>>> | string;
  /** Takes long: begun before the others. */
  readonly slow?: true;
  readonly topology?: Topology;
  /** Which of the node's addresses the session runs to; IPv4 unless told. */
  readonly session?: 'ipv4' | 'ipv6';
  /** Puts into a daemon's configuration what is too long to stand in a file. */
  readonly configure?: Readonly<Partial<Record<DaemonName, (text: string) => string>>>;
  /** Before speaker and daemons start. */
  readonly prepare?: (bench: Bench) => Promise<void>;
  /** What every daemon holds; the checks wait for these. None: the session need not come up. */
  readonly routes?: ExpectedRoutes;
  /** Where one daemon shows them differently. */
  readonly routesOf?: Readonly<Partial<Record<DaemonName, ExpectedRoutes>>>;
  readonly checks?: Checks;
  /** What is done to the node when all checks are over, and what must then be so. */
  readonly act?: (bench: Bench) => Promise<void>;
  readonly checksAfter?: Checks;
}

export const PREFIX = {
  ipv4: '198.51.100.1/32',
  /** In rows whose manifests have a second Service. */
  second: '198.51.100.2/32',
  ipv6: '2001:db8:100::1/128',
} as const;

/** What an external peer gets of a Service that nothing special is said about. */
export const EBGP_ROUTE: HeldRoute = {
  nextHop: '192.0.2.10',
  origin: 'igp',
  asPath: [64513],
  localPref: null,
  med: null,
  communities: [],
  largeCommunities: [],
};

/** Why a daemon is left out of a row; undefined when it is in. */
export function reasonAgainst({ notSupported }: Capability, daemon: DaemonName): string | undefined {
  return typeof notSupported === 'string' ? notSupported : notSupported?.[daemon];
}

/** The daemons that are in a row. */
export const inRow = (capability: Capability): readonly DaemonName[] =>
  DAEMONS.filter((daemon) => reasonAgainst(capability, daemon) === undefined);
