/** The routes of a plan, for a reader: by prefix, peer and attributes, with the nodes that announce them. */

import type { Route } from '../../announce/bgp.ts';
import type { RouteAttributes } from '../../bgp/route.ts';
import { compareText } from '../../compare-text.ts';
import type { Prefix } from '../../net/prefix.ts';
import { type NodePlan, prefixText } from '../../plan/node-plan.ts';
import { type BgpRow, communityTextsOf } from '../../plan/row.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { counted, shortList, tableOf } from './table.ts';

const MAX_GROUPS = 40;

/** What goes to one peer with one set of attributes, whatever the prefix and the node. */
interface LineHead {
  readonly peer: string;
  readonly attributes: string;
  readonly advertisements: string;
}

interface Line extends LineHead {
  readonly nodes: string[];
}

/**
 * Everything that has been said so far of a number of prefixes, as a chain from the latest back. Prefixes of which the same is said share
 * it, so that five million routes need the memory of what differs.
 */
interface Said {
  readonly before: Said | null;
  readonly node: string;
  readonly head: LineHead;
}

interface PrefixRoutes {
  readonly services: Set<string>;
  /** The Service that was added last: nearly always the only one, on all of a thousand sessions. */
  last: string | undefined;
  said: Said | null;
}

/** Reads the routes of all nodes, and keeps what the text needs of them. */
export class RouteCollector {
  readonly prefixes = new Map<string, PrefixRoutes>();
  rows = 0;
  /** The same by the object of the prefix, which is quicker; two objects may be of one prefix. */
  readonly #byObject = new Map<Prefix, PrefixRoutes>();
  /** Heads by their text: a text that comes again is the same object. */
  readonly #heads = new Map<string, LineHead>();

  add({ node, sessions }: NodePlan): void {
    for (const { session, routes } of sessions) {
      const heads = new HeadFinder(session.peer.name, this.#heads);
      const next = new Map<Said | null, Map<LineHead, Said>>();
      this.rows += routes.length;
      for (const route of routes) {
        const known = this.#of(route.prefix);
        for (const service of route.services) if (service !== known.last) known.services.add(service);
        known.last = route.services.at(-1);
        known.said = saidNext(next, known.said, node, heads.of(route));
      }
    }
  }

  #of(prefix: Prefix): PrefixRoutes {
    let routes = this.#byObject.get(prefix);
    if (routes !== undefined) return routes;
    const text = prefixText(prefix);
    routes = this.prefixes.get(text) ?? { services: new Set(), last: undefined, said: null };
    this.prefixes.set(text, routes);
    this.#byObject.set(prefix, routes);
    return routes;
  }
}

/** The heads of one session's lines; attribute sets and lists of advertisements are objects that many of its routes share. */
class HeadFinder {
  readonly #peer: string;
  readonly #heads: Map<string, LineHead>;
  readonly #known = new Map<RouteAttributes, Map<readonly string[], LineHead>>();

  constructor(peer: string, heads: Map<string, LineHead>) {
    this.#peer = peer;
    this.#heads = heads;
  }

  of({ attributes, advertisements }: Route): LineHead {
    let known = this.#known.get(attributes);
    if (known === undefined) {
      known = new Map();
      this.#known.set(attributes, known);
    }
    let head = known.get(advertisements);
    if (head === undefined) {
      const names = advertisements.length < 2 ? advertisements : [...advertisements].sort(compareText);
      const { localPref, med, asPathPrepend } = attributes;
      const made = {
        peer: this.#peer,
        attributes: attributesOf({ localPref, med, asPathPrepend, ...communityTextsOf(attributes) }),
        advertisements: names.join(', '),
      };
      const text = JSON.stringify(made);
      head = this.#heads.get(text) ?? made;
      this.#heads.set(text, head);
      known.set(advertisements, head);
    }
    return head;
  }
}

/** What has been said once this is said too; `next` has what it came to for other prefixes of the same session. */
function saidNext(
  next: Map<Said | null, Map<LineHead, Said>>,
  before: Said | null,
  node: string,
  head: LineHead,
): Said {
  let same = next.get(before);
  if (same === undefined) {
    same = new Map();
    next.set(before, same);
  }
  let said = same.get(head);
  if (said === undefined) {
    said = { before, node, head };
    same.set(head, said);
  }
  return said;
}

/** The lines in the order in which they came up, each with its nodes. */
function linesOf(last: Said | null): readonly Line[] {
  const chain: Said[] = [];
  for (let said = last; said !== null; said = said.before) chain.push(said);
  const lines = new Map<LineHead, Line>();
  for (const { head, node } of chain.reverse()) {
    const line = lines.get(head);
    if (line === undefined) lines.set(head, { ...head, nodes: [node] });
    else line.nodes.push(node);
  }
  return [...lines.values()];
}

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

export function routesText({ rows, prefixes }: RouteCollector, style: Style): string {
  const heading = style('bold', 'Routes');
  if (rows === 0) return `${heading}  none\n`;
  const groups = [...Map.groupBy(prefixes, ([, { said }]) => said).values()];
  const text = groups.slice(0, MAX_GROUPS).map((members) => {
    const lines = linesOf(members[0]?.[1].said ?? null);
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
