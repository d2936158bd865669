/** Compares what a running configuration does with the routes of one node: what it lets in, and with which preference. */
import { compareText } from '../../compare-text.ts';
import type { BgpAdvertisement } from '../../config/advertisement.ts';
import { formatPrefix, prefixContains } from '../../net/prefix.ts';
import type { FamilyNeed, PreferenceRule, PrefixRule } from '../model.ts';
import { GRACEFUL_SHUTDOWN } from '../model.ts';
import { DEFAULT_LOCAL_PREF, textOf } from '../preferences.ts';
import { inboundName } from '../vendors/vendor.ts';
import { ruleText } from './dialect.ts';
import type { Effective } from './effective.ts';
import { excesses, type InboundPolicy, judge, type RouteClass, type Verdict } from './policy.ts';
import type { PrefixListEntry, RouteMapEntry } from './running.ts';
import type { SessionContext } from './sessions.ts';

/** Says how the policies of a neighbor differ from what its advertisements ask for. */
export function checkPolicies(neighbor: Effective, context: SessionContext): void {
  for (const need of context.group.families) new PolicyCheck(neighbor, context, need).check();
}

class PolicyCheck {
  readonly #neighbor: Effective;
  readonly #context: SessionContext;
  readonly #need: FamilyNeed;
  readonly #policy: InboundPolicy;

  constructor(neighbor: Effective, context: SessionContext, need: FamilyNeed) {
    const { routeMap, prefixList } = neighbor.family(need.family);
    this.#neighbor = neighbor;
    this.#context = context;
    this.#need = need;
    this.#policy = { family: need.family, routeMap: routeMap?.value ?? null, prefixList: prefixList?.value ?? null };
  }

  check(): void {
    const { family, routeMap, prefixList } = this.#policy;
    const none = routeMap === null && prefixList === null;
    const running = this.#neighbor.family(family);
    // What stands in a template or a list of another kind is not read: nothing is known of it.
    if (running.otherFilter !== null || (none && this.#neighbor.inherits)) return;
    if (none) this.#reportUnfiltered();
    const key = JSON.stringify([family, routeMap, prefixList]);
    if (this.#context.judged.has(key)) return;
    this.#context.judged.add(key);
    if (!none) this.#checkExcesses();
    if (none && this.#context.config.policyRequired && this.#context.group.type === 'external') return;
    for (const rule of this.#need.prefixes)
      for (const advertisement of this.#context.group.advertisements)
        if (rule.advertisements.includes(advertisement.name)) this.#checkRoutes(rule, advertisement);
  }

  #reportUnfiltered(): void {
    const { config, collector, dialect, router, group, object, subject } = this.#context;
    const { family } = this.#policy;
    const blocked = config.policyRequired && group.type === 'external';
    const unused = this.#unusedMap();
    const effect = blocked ? 'nothing is let in (RFC 8212)' : 'whatever the node announces is let in';
    collector.add({
      rule: 'router-policy-not-applied',
      ...(blocked ? { severity: 'error' as const } : {}),
      subject,
      object,
      path: ['spec', 'peerAddress'],
      text:
        unused === null
          ? `no inbound policy for IPv${family}: ${effect}`
          : `route-map ${unused.name} is applied to no neighbor: ${effect}`,
      line: unused?.line ?? this.#neighbor.line,
      commands: dialect.commands.inbound(
        router.asn,
        this.#neighbor.who,
        family,
        unused?.name ?? inboundName(group, this.#need),
      ),
      ...(unused === null
        ? { help: 'Enter the policy that metallb router-config makes, and apply it to the neighbor.' }
        : { help: 'Apply it to the neighbor.' }),
    });
  }

  /** A route map that would let in some of the routes, and that no neighbor refers to. */
  #unusedMap(): { readonly name: string; readonly line: number } | null {
    const { config, dialect } = this.#context;
    const { family } = this.#policy;
    const used = new Set(
      [...config.neighbors.values(), ...config.groups.values()].flatMap(({ families }) =>
        [...families.values()].map(({ routeMap }) => routeMap?.value),
      ),
    );
    for (const [name, entries] of [...config.routeMaps].sort(([a], [b]) => compareText(a, b))) {
      if (used.has(name)) continue;
      const policy = { family, routeMap: name, prefixList: null };
      const fits = this.#need.prefixes.some(
        (rule) => judge(policy, { ...rule, communities: [] }, config, dialect.undefinedPermits).type === 'accepted',
      );
      if (fits) return { name, line: entries[0]?.line ?? 1 };
    }
    return null;
  }

  #checkExcesses(): void {
    const { config, collector, dialect, object } = this.#context;
    const { family } = this.#policy;
    for (const { line, list, entry, kind } of excesses(this.#policy, this.#need.prefixes, config)) {
      const inside = entry === null ? [] : this.#need.prefixes.filter((rule) => overlaps(rule, entry));
      collector.add({
        rule: 'router-prefix-list-too-wide',
        ...(kind === 'lengths' ? { severity: 'info' as const } : {}),
        subject: null,
        object,
        path: ['spec', 'peerAddress'],
        text:
          entry === null || list === null
            ? `route-map ${this.#policy.routeMap} lets in every prefix of IPv${family} here`
            : kind === 'addresses'
              ? `prefix-list ${list} permits ${entryText(entry)}, which is more than the pools of this router`
              : `prefix-list ${list} permits ${entryText(entry)}; the advertisements use ${inside.map(ruleText).join(', ')} alone`,
        line,
        commands:
          entry === null || list === null
            ? []
            : [
                ...dialect.commands.forbid(list, family, entry.seq),
                ...inside.flatMap((rule, i) => dialect.commands.permit(list, family, entry.seq + i, rule)),
              ],
      });
    }
  }

  #checkRoutes(rule: PrefixRule, advertisement: BgpAdvertisement): void {
    const route = { prefix: rule.prefix, length: rule.length, communities: communitiesOf(advertisement) };
    const verdict = this.#judge(route);
    if (verdict.type === 'rejected' || verdict.type === 'partly') this.#reportMissing(rule, advertisement, verdict);
    if (verdict.type !== 'accepted') return;
    const wanted = this.#context.group.preferences.find(({ community }) =>
      route.communities.includes(textOf(community)),
    );
    const given = verdict.localPref ?? DEFAULT_LOCAL_PREF;
    if (wanted !== undefined && given !== wanted.localPref) this.#reportPreference(wanted, given, verdict);
    // Without a policy there is nothing that could lower it, and that has been said.
    if (this.#policy.routeMap === null && this.#policy.prefixList === null) return;
    if (this.#context.dialect.lowersGracefulShutdown && this.#context.group.type === 'external') return;
    const drained = this.#judge({ ...route, communities: [textOf(GRACEFUL_SHUTDOWN), ...route.communities] });
    if (drained.type === 'accepted' && (drained.localPref ?? DEFAULT_LOCAL_PREF) >= given)
      this.#reportGracefulShutdown(drained.line);
  }

  #judge(route: RouteClass): Verdict {
    return judge(this.#policy, route, this.#context.config, this.#context.dialect.undefinedPermits);
  }

  #reportMissing(rule: PrefixRule, advertisement: BgpAdvertisement, verdict: Verdict): void {
    const { config, collector, dialect, object } = this.#context;
    const list = this.#listToExtend();
    const map = this.#policy.routeMap;
    const lacking = map !== null && !config.routeMaps.has(map) ? `route-map ${map} does not exist` : null;
    const last = list === null ? null : (config.prefixLists.get(list) ?? []).at(-1);
    const pools = rule.pools.map((pool) => `pool ${pool}`).join(', ');
    collector.add({
      rule: 'router-prefix-list-misses-pool',
      subject: null,
      object: { ...object, kind: 'BGPAdvertisement', name: advertisement.name },
      path: ['spec', 'ipAddressPools'],
      text: `${lacking ?? (list === null ? `route-map ${map}` : `prefix-list ${list}`)}${lacking === null ? ` lets in ${verdict.type === 'partly' ? 'only a part' : 'nothing'}` : ', which lets in nothing'} of ${pools}: ${ruleText(rule)}`,
      line: last?.line ?? this.#policyLine(),
      commands: list === null ? [] : dialect.commands.permit(list, this.#policy.family, (last?.seq ?? 0) + 10, rule),
    });
  }

  /** The list that decides: that of the neighbor, or the first of its route map. */
  #listToExtend(): string | null {
    const { routeMap, prefixList, family } = this.#policy;
    if (prefixList !== null) return prefixList;
    return firstList(this.#context.config.routeMaps.get(routeMap ?? '') ?? [], family);
  }

  #policyLine(): number {
    const { routeMap, prefixList } = this.#neighbor.family(this.#policy.family);
    return routeMap?.line ?? prefixList?.line ?? this.#neighbor.line;
  }

  #reportPreference(wanted: PreferenceRule, given: number, { line }: Extract<Verdict, { type: 'accepted' }>): void {
    const { collector, object } = this.#context;
    collector.add({
      rule: 'router-local-preference-differs',
      subject: null,
      object: { ...object, kind: 'BGPAdvertisement', name: wanted.advertisements[0] ?? '' },
      path: ['spec', 'localPref'],
      text: `routes with ${textOf(wanted.community)} get local preference ${given}, while BGPAdvertisement ${wanted.advertisements.join(', ')} asks for ${wanted.localPref}`,
      line: line ?? this.#policyLine(),
      ...this.#preferring(wanted, line),
    });
  }

  #reportGracefulShutdown(line: number | null): void {
    const { collector, object } = this.#context;
    collector.add({
      rule: 'router-graceful-shutdown-ignored',
      subject: null,
      object,
      path: ['spec', 'peerAddress'],
      text: 'routes with 65535:0 (GRACEFUL_SHUTDOWN) keep their local preference',
      line: line ?? this.#policyLine(),
      ...this.#preferring({ community: GRACEFUL_SHUTDOWN, localPref: 0 }, line),
    });
  }

  /** An entry in front of the one that decides now; where there is no room for it, or no map, the whole policy. */
  #preferring(
    preference: Pick<PreferenceRule, 'community' | 'localPref'>,
    line: number | null,
  ): { readonly commands: readonly string[]; readonly help?: string } {
    const { config, dialect } = this.#context;
    const { routeMap, family } = this.#policy;
    const entries = config.routeMaps.get(routeMap ?? '') ?? [];
    const deciding = entries.findIndex((entry) => entry.line === line);
    const entry = entries[deciding];
    const before = entries[deciding - 1]?.seq ?? 0;
    // Graceful shutdown comes first of all.
    const seq =
      entry === undefined
        ? 0
        : preference.community === GRACEFUL_SHUTDOWN
          ? before + 1
          : before + Math.ceil((entry.seq - before) / 2);
    if (entry === undefined || routeMap === null || seq <= before || seq >= entry.seq)
      return { commands: [], help: 'Enter the policy that metallb router-config makes, and apply it to the neighbor.' };
    const lists = entry.prefixLists.filter((list) => list.family === family).map(({ name }) => name);
    return { commands: dialect.commands.prefer(routeMap, seq, family, lists, preference) };
  }
}

const communitiesOf = ({ communities, largeCommunities }: BgpAdvertisement): readonly string[] =>
  [...communities, ...largeCommunities].map(textOf);

const firstList = (entries: readonly RouteMapEntry[], family: number): string | null =>
  entries
    .filter(({ permit }) => permit)
    .flatMap(({ prefixLists }) => prefixLists)
    .find((list) => list.family === family)?.name ?? null;

const overlaps = ({ prefix }: PrefixRule, entry: PrefixListEntry): boolean =>
  prefixContains(entry.prefix, prefix.address) || prefixContains(prefix, entry.prefix.address);

/** `10.100.0.0/24 le 32`. */
function entryText({ prefix, shortest, longest }: PrefixListEntry): string {
  const text = formatPrefix(prefix);
  if (shortest === prefix.length) return longest === shortest ? text : `${text} le ${longest}`;
  return shortest === longest ? `${text}, length ${longest}` : `${text} ge ${shortest} le ${longest}`;
}
