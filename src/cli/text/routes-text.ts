/** The routes of a plan, for a reader: by prefix, peer and attributes, with the nodes that announce them. */
import type { BgpRow } from '../../plan/row.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { counted, shortList, tableOf } from './table.ts';

const MAX_GROUPS = 40;

/** What goes to one peer with one set of attributes. */
interface Line {
  readonly peer: string;
  readonly attributes: string;
  readonly advertisements: string;
  readonly nodes: string[];
}

interface PrefixRoutes {
  readonly services: Set<string>;
  readonly lines: Map<string, Line>;
}

export interface CollectedRoutes {
  readonly rows: number;
  readonly prefixes: ReadonlyMap<string, PrefixRoutes>;
}

/** Reads all rows once, and keeps what the text needs of them. */
export function collectRoutes(rows: Iterable<BgpRow>): CollectedRoutes {
  const prefixes = new Map<string, PrefixRoutes>();
  let count = 0;
  for (const row of rows) {
    count++;
    let routes = prefixes.get(row.prefix);
    if (routes === undefined) {
      routes = { services: new Set(), lines: new Map() };
      prefixes.set(row.prefix, routes);
    }
    for (const service of row.services) routes.services.add(service);
    const attributes = attributesOf(row);
    const advertisements = row.advertisements.join(', ');
    const key = `${row.peer}\n${attributes}\n${advertisements}`;
    const line = routes.lines.get(key);
    if (line === undefined) routes.lines.set(key, { peer: row.peer, attributes, advertisements, nodes: [row.node] });
    else line.nodes.push(row.node);
  }
  return { rows: count, prefixes };
}

/** What a route says, in a line; `-` where that is nothing. */
export function attributesOf(
  row: Pick<BgpRow, 'localPref' | 'med' | 'asPathPrepend' | 'communities' | 'largeCommunities'>,
): string {
  const parts = [
    ...(row.localPref === null ? [] : [`localPref ${row.localPref}`]),
    ...(row.med === null ? [] : [`med ${row.med}`]),
    ...(row.asPathPrepend === 0 ? [] : [`prepend ${row.asPathPrepend}`]),
    ...row.communities,
    ...row.largeCommunities,
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
