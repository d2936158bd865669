/** Which path to a pool is preferred, and which one is left when a router goes. */

import { compareText } from '../compare-text.ts';
import { type BgpAdvertisement, scopeCovers } from '../config/advertisement.ts';
import { type Peer, sessionAsnOf, sessionTypeOf } from '../config/peer.ts';
import type { Pool } from '../config/pool.ts';
import { peersReached } from '../lint/scope.ts';
import type { Plan } from '../plan/plan.ts';
import { DEFAULT_LOCAL_PREF, type Translation, textOf, translate } from '../router-config/preferences.ts';
import { escaped, sectionOf, tableOf } from './markdown.ts';
import { routerText } from './peering.ts';

/** A way to a pool: by one advertisement, through one router. */
export interface Path {
  readonly peer: Peer;
  readonly advertisement: BgpAdvertisement;
  /** What counts at the router, where it is configured as `metallb router-config` writes it. */
  readonly localPref: number;
  readonly told: string;
  readonly rank: number;
}

/** The paths to a pool, the preferred ones first. */
export function pathsTo(pool: Pool, plan: Plan): readonly Path[] {
  const { config } = plan.snapshot;
  const paths = config.bgpAdvertisements
    .filter((one) => scopeCovers(one, pool))
    .flatMap((advertisement) =>
      peersReached(advertisement.peers, config.peers).map((peer) => ({
        peer,
        advertisement,
        ...preferenceOf(advertisement, peer, plan),
      })),
    )
    .sort(
      (a, b) =>
        order(a, b) || compareText(a.peer.name, b.peer.name) || compareText(a.advertisement.name, b.advertisement.name),
    );
  const ranks: number[] = [];
  for (const [i, path] of paths.entries()) {
    const before = paths[i - 1];
    ranks.push(before !== undefined && order(before, path) === 0 ? (ranks[i - 1] ?? 1) : (ranks[i - 1] ?? 0) + 1);
  }
  return paths.map((path, i) => ({ ...path, rank: ranks[i] ?? 1 }));
}

/** RFC 4271 section 9.1: the highest LOCAL_PREF, the shortest AS_PATH, the lowest MED. */
const order = (a: Omit<Path, 'rank'>, b: Omit<Path, 'rank'>): number =>
  b.localPref - a.localPref || prependOf(a) - prependOf(b) || (a.advertisement.med ?? 0) - (b.advertisement.med ?? 0);

/** Repetitions are sent to external peers alone. */
const prependOf = ({ peer, advertisement }: Omit<Path, 'rank'>): number =>
  sessionTypeOf(peer) === 'external' ? advertisement.asPathPrepend : 0;

function preferenceOf(advertisement: BgpAdvertisement, peer: Peer, plan: Plan): Pick<Path, 'localPref' | 'told'> {
  const wanted = advertisement.localPref ?? DEFAULT_LOCAL_PREF;
  const translation = translationFor(peer, plan);
  const shadow = translation.shadowed.find((one) => one.advertisement === advertisement.name);
  if (shadow !== undefined)
    return {
      localPref: shadow.by.localPref ?? DEFAULT_LOCAL_PREF,
      told: `the same routes as ${escaped(shadow.by.name)}, which asks for more`,
    };
  if (sessionTypeOf(peer) === 'internal') return { localPref: wanted, told: 'LOCAL\\_PREF is sent (iBGP)' };
  if (advertisement.localPref === null) return { localPref: DEFAULT_LOCAL_PREF, told: 'nothing is asked for' };
  const { rules, untranslated } = translation;
  const rule = rules.find(({ advertisements }) => advertisements.includes(advertisement.name));
  if (rule !== undefined)
    return {
      localPref: wanted,
      told: `the router sets it for \`${textOf(rule.community)}\` (\`metallb router-config\`)`,
    };
  const missing = untranslated.find((one) => one.advertisement === advertisement.name);
  const why =
    missing === undefined ? 'its community tells another one too' : `add \`${missing.suggestion}\` to its communities`;
  return { localPref: DEFAULT_LOCAL_PREF, told: `**not told**: ${why}` };
}

/** Asked for each path of a peer, and worked out once. */
const translations = new WeakMap<Plan, Map<Peer, Translation>>();

function translationFor(peer: Peer, plan: Plan): Translation {
  const known = translations.get(plan) ?? new Map<Peer, Translation>();
  translations.set(plan, known);
  let translation = known.get(peer);
  if (translation === undefined) {
    const { config, communities = [] } = plan.snapshot;
    const reaching = config.bgpAdvertisements.filter((one) => peersReached(one.peers, config.peers).includes(peer));
    translation = translate(reaching, config.pools, communities, peer.peerASN ?? sessionAsnOf(peer));
    known.set(peer, translation);
  }
  return translation;
}

/** A table of paths for each pool. */
export function pathPreferences(plan: Plan): string {
  const pools = [...plan.snapshot.config.pools].sort((a, b) => compareText(a.name, b.name));
  return sectionOf(
    'Path preferences',
    'The lower the rank, the more a path is preferred; traffic is shared among paths of one rank.',
    ...pools.map((pool) => {
      const rows = pathsTo(pool, plan).map((path) => [
        String(path.rank),
        `${escaped(path.peer.name)} (${routerText(path.peer)})`,
        path.advertisement.localPref === null ? '' : String(path.advertisement.localPref),
        path.told,
        prependOf(path) === 0 ? '' : `${prependOf(path)} times more`,
        path.advertisement.med === null ? '' : String(path.advertisement.med),
        escaped(path.advertisement.name),
      ]);
      const heading = ['rank', 'through', 'localPref', 'how the router knows', 'AS path', 'MED', 'BGPAdvertisement'];
      const table = rows.length === 0 ? 'No BGPAdvertisement brings it to a router.' : tableOf(heading, rows);
      return `### ${escaped(pool.name)}\n\n${table}`;
    }),
  );
}

/** What is left of the paths to a pool without one router: those of the lowest rank. */
export function without(paths: readonly Path[], router: string): readonly Path[] {
  const left = paths.filter(({ peer }) => routerText(peer) !== router);
  const best = Math.min(...left.map(({ rank }) => rank));
  return left.filter(({ rank }) => rank === best);
}
