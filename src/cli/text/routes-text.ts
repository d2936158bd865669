/** The routes of a plan, for a reader: by prefix, peer and attributes, with the nodes that announce them. */

import { compareText } from '../../allocator/order.ts';
import type { Route } from '../../announce/bgp.ts';
import { formatExtendedCommunity } from '../../bgp/extended-community.ts';
import { formatCommunity, formatLargeCommunity, type RouteAttributes } from '../../bgp/route.ts';
import { type NodePlan, prefixText } from '../../plan/node-plan.ts';
import type { BgpRow } from '../../plan/row.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { counted, shortList, tableOf } from './table.ts';

const MAX_GROUPS = 40;

/** What goes to one peer with one set of attributes, whatever the prefix and the node. */
interface LineHead {
  readonly key: string;
  readonly peer: string;
  readonly attributes: string;
  readonly advertisements: string;
}

interface Line extends LineHead {
  readonly nodes: string[];
}

interface PrefixRoutes {
  readonly services: Set<string>;
  /** The one that was added last: nearly always the only one, on all of a thousand sessions. */
  last: string | undefined;
  readonly lines: Map<string, Line>;
}

export interface CollectedRoutes {
  readonly rows: number;
  readonly prefixes: ReadonlyMap<string, PrefixRoutes>;
}

/** Reads the routes of all nodes, and keeps what the text needs of them. */
export class RouteCollector implements CollectedRoutes {
  readonly prefixes = new Map<string, PrefixRoutes>();
  rows = 0;
  /** The lines that were made, by what they say: thousands of prefixes have the same. */
  readonly #lines = new Map<RouteAttributes, Map<readonly string[], LineHead>>();
  readonly #texts = new Map<string, LineHead>();

  add({ node, sessions }: NodePlan): void {
    for (const { session, routes } of sessions) {
      const { name } = session.peer;
      // Attribute sets are each session's own.
      this.#lines.clear();
      for (const route of routes) this.#route(node, name, route);
    }
  }

  #route(node: string, peer: string, route: Route): void {
    this.rows++;
    const text = prefixText(route.prefix);
    let routes = this.prefixes.get(text);
    if (routes === undefined) {
      routes = { services: new Set(), last: undefined, lines: new Map() };
      this.prefixes.set(text, routes);
    }
    for (const service of route.services) if (service !== routes.last) routes.services.add(service);
    routes.last = route.services.at(-1);
    const head = this.#headOf(peer, route);
    const line = routes.lines.get(head.key);
    if (line === undefined) routes.lines.set(head.key, { ...head, nodes: [node] });
    else line.nodes.push(node);
  }

  #headOf(peer: string, { attributes, advertisements }: Route): LineHead {
    let byAdvertisements = this.#lines.get(attributes);
    if (byAdvertisements === undefined) {
      byAdvertisements = new Map();
      this.#lines.set(attributes, byAdvertisements);
    }
    let head = byAdvertisements.get(advertisements);
    if (head === undefined) {
      const names = advertisements.length < 2 ? advertisements : [...advertisements].sort(compareText);
      const made = { peer, attributes: attributesOf(attributeTexts(attributes)), advertisements: names.join(', ') };
      const key = `${peer}\n${made.attributes}\n${made.advertisements}`;
      head = this.#texts.get(key) ?? { ...made, key };
      this.#texts.set(key, head);
      byAdvertisements.set(advertisements, head);
    }
    return head;
  }
}

const attributeTexts = ({ communities, largeCommunities, extendedCommunities, ...rest }: RouteAttributes) => ({
  ...rest,
  communities: communities.map(formatCommunity),
  largeCommunities: largeCommunities.map(formatLargeCommunity),
  ...(extendedCommunities === undefined
    ? {}
    : { extendedCommunities: extendedCommunities.map(formatExtendedCommunity) }),
});

/** What a route says, in a line; `-` where that is nothing. */
export function attributesOf(
  row: Pick<BgpRow, 'localPref' | 'med' | 'asPathPrepend' | 'communities' | 'largeCommunities' | 'extendedCommunities'>,
): string {
  const parts = [
    ...(row.localPref === null ? [] : [`localPref ${row.localPref}`]),
    ...(row.med === null ? [] : [`med ${row.med}`]),
    ...(row.asPathPrepend === 0 ? [] : [`prepend ${row.asPathPrepend}`]),
    ...row.communities,
    ...row.largeCommunities,
    ...(row.extendedCommunities ?? []),
  ];
  return parts.join(' ') || '-';
}

export function routesText({ rows, prefixes }: CollectedRoutes, style: Style): string {
  const heading = style('bold', 'Routes');
  if (rows === 0) return `${heading}  none\n`;
  const groups = [...Map.groupBy(prefixes, ([, routes]) => signatureOf(routes)).values()];
  const text = groups.slice(0, MAX_GROUPS).map((members) => {
    const lines = [...(members[0]?.[1].lines.values() ?? [])];
    const services = new Set(members.flatMap(([, routes]) => [...routes.services]));
    const title = `${style('cyan', printable(shortList(members.map(([prefix]) => prefix))))}  ${printable(shortList([...services]))}`;
    return `  ${title}\n${tableOf(HEADING, lines.map(cellsOf), style, '    ')}`;
  });
  const cut = groups.slice(MAX_GROUPS).reduce((sum, members) => sum + members.length, 0);
  return (
    `${heading}  ${counted(prefixes.size, 'prefix', 'prefixes')}, ${counted(rows, 'route')} (node, peer and prefix)\n` +
    text.join('') +
    (cut > 0 ? `  … and ${counted(cut, 'prefix', 'prefixes')} more (-o json has all)\n` : '')
  );
}

const HEADING = ['PEER', 'ATTRIBUTES', 'ADVERTISEMENTS', 'NODES'];

const cellsOf = ({ peer, attributes, advertisements, nodes }: Line): readonly string[] => [
  peer,
  attributes,
  advertisements,
  `${shortList(nodes)}`,
];

/** Equal for prefixes of which the same is to be said. */
const signatureOf = (routes: PrefixRoutes): string =>
  [...routes.lines].map(([key, line]) => `${key}\n${line.nodes.join('\n')}`).join('\n\n');
