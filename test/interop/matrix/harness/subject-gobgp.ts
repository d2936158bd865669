/** GoBGP under test. */
import { Gobgp, type GobgpOptions, type GobgpPath } from '../../../../lab/gobgp.ts';
import { byNumbers, communities, familyOf, type HeldRoute, type Subject } from './subject.ts';

/** `gobgp neighbor … -j`, as far as the matrix reads it. */
export interface GobgpNeighbor {
  readonly state?: {
    readonly session_state?: number;
    readonly messages?: { readonly received?: Readonly<Record<string, number>> };
    readonly remote_cap?: readonly unknown[];
  };
  readonly timers?: { readonly state?: { readonly negotiated_hold_time?: number } };
  readonly [field: string]: unknown;
}

/** The API's number for Established. */
const ESTABLISHED = 6;
/** IANA's codes of path attributes. */
const CODE = { origin: 1, asPath: 2, nextHop: 3, med: 4, localPref: 5, community: 8, mpReach: 14, largeCommunity: 32 };
const ORIGINS = ['igp', 'egp', 'incomplete'];

export class GobgpSubject implements Subject {
  readonly name = 'gobgp';
  readonly neighbor: string;
  readonly gobgp: Gobgp;

  private constructor(gobgp: Gobgp, neighbor: string) {
    this.gobgp = gobgp;
    this.neighbor = neighbor;
  }

  static async start(options: GobgpOptions, neighbor: string): Promise<GobgpSubject> {
    return new GobgpSubject(await Gobgp.start(options), neighbor);
  }

  get namespace() {
    return this.gobgp.namespace;
  }

  async route(prefix: string): Promise<HeldRoute | null> {
    const [path] = (await this.gobgp.rib(familyOf(prefix))).get(prefix) ?? [];
    if (path === undefined) return null;
    const attribute = (type: number): GobgpPath['attrs'][number] | undefined =>
      path.attrs.find((candidate) => candidate.type === type);
    const list = <T>(type: number, field: string): readonly T[] => (attribute(type)?.[field] as readonly T[]) ?? [];
    const number = (type: number, field: string): number | null => (attribute(type)?.[field] as number) ?? null;
    return {
      nextHop: String((attribute(CODE.nextHop) ?? attribute(CODE.mpReach))?.nexthop ?? ''),
      origin: ORIGINS[number(CODE.origin, 'value') ?? -1] ?? '',
      asPath: list<{ readonly asns: readonly number[] }>(CODE.asPath, 'as_paths').flatMap(({ asns }) => asns),
      localPref: number(CODE.localPref, 'value'),
      med: number(CODE.med, 'metric'),
      communities: communities(
        list<number>(CODE.community, 'communities').map((value) => `${value >>> 16}:${value & 0xffff}`),
      ),
      largeCommunities: list<{ readonly ASN: number; readonly LocalData1: number; readonly LocalData2: number }>(
        CODE.largeCommunity,
        'value',
      )
        .map(({ ASN, LocalData1, LocalData2 }) => `${ASN}:${LocalData1}:${LocalData2}`)
        .sort(byNumbers),
    };
  }

  async tells(): Promise<GobgpNeighbor> {
    return JSON.parse(await this.gobgp.gobgp('neighbor', this.neighbor, '-j')) as GobgpNeighbor;
  }

  async established(): Promise<boolean> {
    return (await this.tells()).state?.session_state === ESTABLISHED;
  }

  about(): Promise<string> {
    return this.gobgp.gobgp('neighbor', this.neighbor);
  }

  log(): Promise<string> {
    return this.gobgp.log();
  }

  async updatesReceived(): Promise<number> {
    return (await this.tells()).state?.messages?.received?.update ?? 0;
  }

  async askRefresh(): Promise<void> {
    await this.gobgp.gobgp('neighbor', this.neighbor, 'softresetin');
  }

  async restart(): Promise<void> {
    await this.gobgp.gobgp('neighbor', this.neighbor, 'reset');
  }
}
