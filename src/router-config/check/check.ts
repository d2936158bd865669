/**
 * Holds a running configuration to the model of its router, and says where it differs, with line and remedy.
 *
 * Only what the model asks for is compared: a router may do much else. Pure.
 */
import type { ObjectRef } from '../../config/resource.ts';
import { formatIp } from '../../net/ip.ts';
import { formatPrefix, prefixContains } from '../../net/prefix.ts';
import type { NeighborGroup, NeighborNode, Router } from '../model.ts';
import { placeholder } from '../placeholder.ts';
import { inboundName, pathsOf, typesOf, type Vendor } from '../vendors/vendor.ts';
import { type CheckFinding, Collector } from './collector.ts';
import { type Dialect, joinChanges, type Who } from './dialect.ts';
import { effectiveOf } from './effective.ts';
import { checkPolicies } from './policies.ts';
import type { RunningConfig } from './running.ts';
import { checkSession, type SessionContext } from './sessions.ts';

export interface CheckContext {
  readonly router: Router;
  readonly config: RunningConfig;
  readonly dialect: Dialect;
  readonly vendor: Vendor;
  /** Of the metallb.io objects. */
  readonly namespace: string;
}

/** Everything that differs, by line. */
export function checkRouter(context: CheckContext): readonly CheckFinding[] {
  const { router, config } = context;
  const collector = new Collector();
  const [first] = router.groups;
  if (first === undefined) return [];
  if (config.asn === null) {
    const object = peerRef(first, context);
    collector.add({
      rule: 'router-bgp-missing',
      text: 'there is no BGP in this configuration',
      subject: null,
      object,
      path: ['spec', 'peerAddress'],
      line: 1,
      commands: [],
    });
    return collector.findings();
  }
  if (config.asn.value !== router.asn)
    collector.add({
      rule: 'router-wrong-local-asn',
      text: `the router is in AS ${config.asn.value}, while peerASN is ${router.asn}`,
      subject: null,
      object: peerRef(first, context),
      path: ['spec', 'peerASN'],
      line: config.asn.line,
      commands: [],
    });
  checkSyntax(context, collector);
  for (const group of router.groups) checkGroup(group, context, collector);
  checkStale(context, collector);
  checkPaths(context, collector);
  return collector.findings();
}

const peerRef = ({ peer }: NeighborGroup, { namespace }: CheckContext): ObjectRef => ({
  kind: 'BGPPeer',
  namespace,
  name: peer.name,
});

function checkSyntax({ config, router }: CheckContext, collector: Collector): void {
  const [first] = config.outdated;
  if (first === undefined) return;
  collector.add({
    rule: 'router-syntax-outdated',
    text: `${config.outdated.length} commands begin with "${first.value}", as before VyOS 1.4`,
    subject: null,
    object: null,
    path: [],
    line: first.line,
    commands: [`set protocols bgp system-as ${router.asn}`],
  });
}

function checkGroup(group: NeighborGroup, context: CheckContext, collector: Collector): void {
  const { config } = context;
  const object = peerRef(group, context);
  const session = { ...context, group, collector, object, judged: new Set<string>() };
  if (group.neighbors.type === 'listed') {
    for (const node of group.neighbors.nodes) {
      const neighbor = effectiveOf(node.address, config);
      const named = { ...session, subject: formatIp(node.address) };
      if (neighbor === undefined) reportMissing(node, named);
      else {
        checkSession(neighbor, named);
        checkPolicies(neighbor, named);
      }
    }
    return;
  }
  const { range } = group.neighbors;
  const running = config.ranges.find(
    ({ value: { prefix } }) => prefix.length <= range.length && prefixContains(prefix, range.address),
  );
  const neighbor = running === undefined ? undefined : effectiveOf(range.address, config);
  if (neighbor === undefined) {
    collector.add({
      rule: 'router-neighbor-missing',
      text: `nobody may dial from ${formatPrefix(range)}`,
      subject: null,
      object,
      path: ['spec', 'peerAddress'],
      line: config.asn?.line ?? 1,
      commands: context.dialect.commands.listen(context.router.asn, range, group.id),
    });
    return;
  }
  const named = { ...session, subject: `neighbors from ${formatPrefix(range)}` };
  checkSession(neighbor, named);
  checkPolicies(neighbor, named);
}

/** A node that is no neighbor: it joins the others' peer group, or gets everything of its own. */
function reportMissing({ address, node }: NeighborNode, context: SessionContext): void {
  const { router, group, config, dialect, collector, object } = context;
  const who: Who = { kind: 'neighbor', name: formatIp(address) };
  const { commands } = dialect;
  const others = group.neighbors.type === 'listed' ? group.neighbors.nodes : [];
  const peerGroup = others
    .map((other) => config.neighbors.get(formatIp(other.address))?.group)
    .find((name) => name != null);
  const { peer, bfd, distance, type } = group;
  collector.add({
    rule: 'router-neighbor-missing',
    text: `${node === null ? 'the node' : `Node ${node}`} with ${who.name} is no neighbor`,
    subject: null,
    object,
    path: ['spec', 'peerAddress'],
    line: config.asn?.line ?? 1,
    commands:
      peerGroup != null
        ? commands.join(router.asn, who, peerGroup)
        : joinChanges([
            commands.remoteAs(router.asn, who, group.remoteAsn),
            peer.authentication.type === 'none' ? [] : commands.password(router.asn, who, placeholder(group)),
            commands.timers(router.asn, who, peer.keepaliveSeconds, peer.holdTimeSeconds),
            bfd === null ? [] : commands.bfd(router.asn, who, bfd),
            distance.type === 'connected' ? [] : commands.distance(router.asn, who, distance, type, []),
            ...group.families.flatMap((need) => [
              commands.activate(router.asn, who, need.family),
              commands.inbound(router.asn, who, need.family, usedMap(context, need.family) ?? inboundName(group, need)),
              commands.maximumPrefix(router.asn, who, need.family, need.maximumPrefixes),
            ]),
          ]),
  });
}

/** The route map that other nodes of the group have. */
function usedMap({ group, config }: SessionContext, family: 4 | 6): string | null {
  const nodes = group.neighbors.type === 'listed' ? group.neighbors.nodes : [];
  for (const { address } of nodes) {
    const name = effectiveOf(address, config)?.family(family).routeMap?.value;
    if (name !== undefined) return name;
  }
  return null;
}

/** Neighbors in the nodes' AS that are no nodes; in the router's own AS there are others than nodes. */
function checkStale({ router, config, dialect }: CheckContext, collector: Collector): void {
  const external = router.groups.filter(({ type }) => type === 'external');
  const asns = new Set(external.map(({ remoteAsn }) => remoteAsn));
  const known = new Set(
    router.groups.flatMap(({ neighbors }) =>
      neighbors.type === 'listed' ? neighbors.nodes.map(({ address }) => formatIp(address)) : [],
    ),
  );
  if (router.groups.some(({ neighbors }) => neighbors.type === 'range')) return;
  for (const [address, neighbor] of config.neighbors) {
    const asn = neighbor.remoteAsn ?? config.groups.get(neighbor.group ?? '')?.remoteAsn;
    if (known.has(address) || typeof asn?.value !== 'number' || !asns.has(asn.value)) continue;
    collector.add({
      rule: 'router-neighbor-stale',
      text: `neighbor ${address} is in AS ${asn.value} and none of the nodes that have a session`,
      subject: null,
      object: null,
      path: [],
      line: neighbor.line,
      commands: dialect.commands.remove(router.asn, { kind: 'neighbor', name: address }),
    });
  }
}

function checkPaths(context: CheckContext, collector: Collector): void {
  const { router, config, dialect, vendor } = context;
  const [first] = router.groups;
  if (first === undefined || router.groups.some(({ neighbors }) => neighbors.type === 'range')) return;
  const families = [...new Set(router.groups.flatMap((group) => group.families.map(({ family }) => family)))];
  for (const family of families)
    for (const type of typesOf(router, family)) {
      const wanted = pathsOf(router, type, vendor.mostPaths);
      const running = config.maximumPaths.findLast(({ value }) => value.family === family && value.type === type);
      const paths = running?.value.paths ?? dialect.defaultPaths;
      if (paths === null || paths >= wanted) continue;
      collector.add({
        rule: 'router-multipath-missing',
        text: `IPv${family} traffic uses ${paths} of ${wanted} equal paths${running === undefined ? ', as long as maximum-paths is not set' : ''}`,
        subject: null,
        object: peerRef(first, context),
        path: ['spec', 'nodeSelectors'],
        line: running?.line ?? config.asn?.line ?? 1,
        commands: dialect.commands.maximumPaths(router.asn, family, type, wanted),
      });
    }
}
