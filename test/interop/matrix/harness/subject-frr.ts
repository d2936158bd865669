/** FRR under test. */
import { Frr, type FrrOptions } from '../../../../lab/frr.ts';
import { byNumbers, communities, familyOf, type HeldRoute, type Subject } from './subject.ts';

interface Path {
  readonly aspath: { readonly string: string };
  readonly origin: string;
  readonly locPrf?: number;
  readonly metric?: number;
  readonly community?: { readonly string: string };
  readonly largeCommunity?: { readonly string: string };
  readonly nexthops: readonly { readonly ip: string; readonly scope?: string }[];
}

/** `show bgp neighbors … json`, as far as the matrix reads it. */
export interface FrrNeighbor {
  readonly bgpState: string;
  readonly bgpTimerHoldTimeMsecs?: number;
  readonly neighborCapabilities?: Readonly<Record<string, unknown>>;
  readonly messageStats: { readonly updatesRecv: number; readonly routeRefreshRecv?: number };
  readonly lastNotificationReason?: string;
  readonly lastShutdownDescription?: string;
}

export class FrrSubject implements Subject {
  readonly name = 'frr';
  readonly neighbor: string;
  readonly frr: Frr;

  private constructor(frr: Frr, neighbor: string) {
    this.frr = frr;
    this.neighbor = neighbor;
  }

  static async start(options: FrrOptions, neighbor: string): Promise<FrrSubject> {
    const frr = await Frr.start(options);
    if (frr.remarks !== '') throw new Error(`FRR says of its configuration: ${frr.remarks}`);
    return new FrrSubject(frr, neighbor);
  }

  get namespace() {
    return this.frr.namespace;
  }

  async route(prefix: string): Promise<HeldRoute | null> {
    const { paths = [] } = await this.frr.json<{ readonly paths?: readonly Path[] }>(
      `show bgp ${familyOf(prefix)} unicast ${prefix}`,
    );
    const [path] = paths;
    if (path === undefined) return null;
    return {
      nextHop: path.nexthops.find(({ scope }) => scope !== 'link-local')?.ip ?? '',
      origin: path.origin.toLowerCase(),
      asPath: numbers(path.aspath.string),
      localPref: path.locPrf ?? null,
      med: path.metric ?? null,
      communities: communities(words(path.community?.string)),
      largeCommunities: [...words(path.largeCommunity?.string)].sort(byNumbers),
    };
  }

  async tells(): Promise<FrrNeighbor> {
    const all = await this.frr.json<Readonly<Record<string, FrrNeighbor>>>(`show bgp neighbors ${this.neighbor}`);
    const [neighbor] = Object.values(all);
    if (neighbor === undefined) throw new Error('FRR knows no such neighbor');
    return neighbor;
  }

  async established(): Promise<boolean> {
    return (await this.tells()).bgpState === 'Established';
  }

  about(): Promise<string> {
    return this.frr.vtysh(`show bgp neighbors ${this.neighbor}`);
  }

  log(): Promise<string> {
    return this.frr.log();
  }

  async updatesReceived(): Promise<number> {
    return (await this.tells()).messageStats.updatesRecv;
  }

  async askRefresh(): Promise<void> {
    await this.frr.vtysh(`clear bgp ${familyOf(this.neighbor)} ${this.neighbor} soft in`);
  }

  async restart(): Promise<void> {
    await this.frr.vtysh(`clear bgp ${this.neighbor}`);
  }
}

const words = (text: string | undefined): readonly string[] => (text ?? '').split(' ').filter((word) => word !== '');
const numbers = (text: string): readonly number[] => words(text).map(Number).filter(Number.isInteger);
