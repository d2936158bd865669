/** Each vendor's way of being read, and of being told what to change. */
import type { IpFamily } from '../../net/ip.ts';
import { formatPrefix, type Prefix } from '../../net/prefix.ts';
import type { BfdNeed, Distance, NeighborGroup, PreferenceRule, PrefixRule } from '../model.ts';
import { textOf } from '../preferences.ts';
import { frrStatements } from '../vendors/frr.ts';
import { iosXeStatements } from '../vendors/ios-xe.ts';
import { communityListName, prefixMatch, type VendorName } from '../vendors/vendor.ts';
import { vyosStatements } from '../vendors/vyos.ts';
import { parseLines } from './line-parser.ts';
import type { RunningConfig, RunningPassword } from './running.ts';
import { parseVyos } from './vyos-parser.ts';

/** A neighbor by its address, or a peer group by its name, as it is called in the running configuration. */
export interface Who {
  readonly kind: 'neighbor' | 'peer-group';
  readonly name: string;
}

/** A change: `lines` are what is to be entered, with the block around them where the vendor has blocks. */
export interface Dialect {
  readonly vendor: VendorName;
  parse(text: string): RunningConfig;
  /** Whether a list or route map that does not exist lets everything through; else it lets nothing through. */
  readonly undefinedPermits: boolean;
  /** How many equal paths are used where nothing is said; null for all. */
  readonly defaultPaths: number | null;
  /** Whether it lowers the preference of external routes with GRACEFUL_SHUTDOWN without being told. */
  readonly lowersGracefulShutdown: boolean;
  readonly commands: Commands;
}

export type Preference = Pick<PreferenceRule, 'community' | 'localPref'>;

export interface Commands {
  remoteAs(asn: number, who: Who, remote: number): readonly string[];
  password(asn: number, who: Who, key: string | null): readonly string[];
  timers(asn: number, who: Who, keepalive: number, hold: number): readonly string[];
  bfd(asn: number, who: Who, need: BfdNeed): readonly string[];
  /** @param before - what stands there and has to go. */
  distance(
    asn: number,
    who: Who,
    distance: Distance,
    type: NeighborGroup['type'],
    before: readonly string[],
  ): readonly string[];
  listen(asn: number, range: Prefix, group: string): readonly string[];
  join(asn: number, who: Who, group: string): readonly string[];
  remove(asn: number, who: Who): readonly string[];
  enable(asn: number, who: Who): readonly string[];
  activate(asn: number, who: Who, family: IpFamily): readonly string[];
  inbound(asn: number, who: Who, family: IpFamily, name: string): readonly string[];
  maximumPrefix(asn: number, who: Who, family: IpFamily, limit: number): readonly string[];
  maximumPaths(asn: number, family: IpFamily, type: NeighborGroup['type'], paths: number): readonly string[];
  permit(list: string, family: IpFamily, seq: number, rule: Pick<PrefixRule, 'prefix' | 'length'>): readonly string[];
  forbid(list: string, family: IpFamily, seq: number): readonly string[];
  /** An entry of a route map: routes of these lists with this community get this preference. */
  prefer(
    map: string,
    seq: number,
    family: IpFamily,
    lists: readonly string[],
    preference: Preference,
  ): readonly string[];
}

type Statements = typeof frrStatements | typeof iosXeStatements;

/** @param word - begins the command of a community list. */
function blockCommands(statements: Statements, word: 'ip' | 'bgp'): Commands {
  const bgp = (asn: number, ...lines: readonly string[]): readonly string[] => [
    `router bgp ${asn}`,
    ...lines.map((line) => ` ${line}`),
  ];
  const within = (asn: number, family: IpFamily, ...lines: readonly string[]): readonly string[] =>
    bgp(asn, `address-family ipv${family} unicast`, ...lines.map((line) => ` ${line}`));
  return {
    remoteAs: (asn, { name }, remote) => bgp(asn, statements.remoteAs(name, remote)),
    password: (asn, { name }, key) =>
      bgp(asn, key === null ? `no neighbor ${name} password` : statements.password(name, key)),
    timers: (asn, { name }, keepalive, hold) => bgp(asn, statements.timers(name, keepalive, hold)),
    bfd: (asn, { name }, need) => [
      ...statements.bfdProfile(need),
      ...statements.bfdNote(need),
      ...bgp(asn, statements.bfd(name, need)),
    ],
    distance: (asn, { name }, distance, type, before) =>
      bgp(asn, ...before.map((what) => `no neighbor ${name} ${what}`), ...statements.distance(name, distance, type)),
    listen: (asn, range, group) => bgp(asn, `bgp listen range ${formatPrefix(range)} peer-group ${group}`),
    join: (asn, { name }, group) => bgp(asn, `neighbor ${name} peer-group ${group}`),
    remove: (asn, { name }) => bgp(asn, `no neighbor ${name}`),
    enable: (asn, { name }) => bgp(asn, `no neighbor ${name} shutdown`),
    activate: (asn, { name }, family) => within(asn, family, statements.activate(name)),
    inbound: (asn, { name }, family, map) => within(asn, family, statements.inbound(name, map)),
    maximumPrefix: (asn, { name }, family, limit) => within(asn, family, ...statements.maximumPrefix(name, limit)),
    maximumPaths: (asn, family, type, paths) => within(asn, family, statements.maximumPaths(type, paths)),
    permit: (list, family, seq, rule) => [statements.prefixList(list, family, seq, prefixMatch(rule))],
    forbid: (list, family, seq) => [`no ${family === 4 ? 'ip' : 'ipv6'} prefix-list ${list} seq ${seq}`],
    prefer: (map, seq, family, lists, { community, localPref }) => {
      const kind = typeof community === 'number' ? 'community' : 'large-community';
      const name = communityListName(community);
      return [
        `${word} ${kind}-list standard ${name} permit ${textOf(community)}`,
        `route-map ${map} permit ${seq}`,
        ...lists.slice(0, 1).map((list) => ` match ${family === 4 ? 'ip' : 'ipv6'} address prefix-list ${list}`),
        ` match ${kind} ${name}`,
        ` set local-preference ${localPref}`,
      ];
    },
  };
}

const nameOf = ({ kind, name }: Who): string => `${kind} ${name}`;

const vyosCommands: Commands = {
  remoteAs: (_, who, remote) => [vyosStatements.remoteAs(nameOf(who), remote)],
  password: (_, who, key) => [
    key === null ? `delete protocols bgp ${nameOf(who)} password` : vyosStatements.password(nameOf(who), key),
  ],
  timers: (_, who, keepalive, hold) => vyosStatements.timers(nameOf(who), keepalive, hold),
  bfd: (_, who, need) => [...vyosStatements.bfdProfile(need), vyosStatements.bfd(nameOf(who), need)],
  distance: (_, who, distance, type, before) => [
    ...before.map((what) => `delete protocols bgp ${nameOf(who)} ${what}`),
    ...vyosStatements.distance(nameOf(who), distance, type),
  ],
  listen: (_, range, group) => [`set protocols bgp listen range ${formatPrefix(range)} peer-group ${group}`],
  join: (_, who, group) => [`set protocols bgp ${nameOf(who)} peer-group ${group}`],
  remove: (_, who) => [`delete protocols bgp ${nameOf(who)}`],
  enable: (_, who) => [`delete protocols bgp ${nameOf(who)} shutdown`],
  activate: (_, who, family) => [vyosStatements.activate(nameOf(who), family)],
  inbound: (_, who, family, map) => [vyosStatements.inbound(nameOf(who), family, map)],
  maximumPrefix: (_, who, family, limit) => [vyosStatements.maximumPrefix(nameOf(who), family, limit)],
  maximumPaths: (_, family, type, paths) => [vyosStatements.maximumPaths(family, type, paths)],
  permit: (list, _, seq, rule) => vyosStatements.prefixList(list, seq, rule),
  forbid: (list, family, seq) => [`delete policy prefix-list${family === 4 ? '' : '6'} ${list} rule ${seq}`],
  prefer: (map, seq, family, lists, { community, localPref }) => {
    const kind = typeof community === 'number' ? 'community' : 'large-community';
    const list = `set policy ${kind}-list ${communityListName(community)} rule 10`;
    const rule = `set policy route-map ${map} rule ${seq}`;
    return [
      `${list} action permit`,
      `${list} regex '_${textOf(community)}_'`,
      `${rule} action permit`,
      ...lists.slice(0, 1).map((name) => `${rule} match ${family === 4 ? 'ip' : 'ipv6'} address prefix-list ${name}`),
      `${rule} match ${kind} ${kind}-list ${communityListName(community)}`,
      `${rule} set local-preference ${localPref}`,
    ];
  },
};

/** Cisco's type 7: a salt of two digits, then pairs of hexadecimal digits. */
const TYPE_7 = /^(?:0[0-9]|1[0-5])(?:[0-9A-Fa-f]{2})+$/;

function iosPassword([first = '', second]: readonly string[]): RunningPassword {
  if (second === undefined) return { type: 'plain', key: first };
  if (first === '0') return { type: 'plain', key: second };
  if (first === '7') return { type: TYPE_7.test(second) ? 'encrypted' : 'unreadable' };
  return { type: 'encrypted' };
}

export const DIALECTS: readonly Dialect[] = [
  {
    vendor: 'frr',
    parse: (text) =>
      parseLines(text, {
        ipv4ByDefault: true,
        policyRequired: true,
        passwordOf: (words) => ({ type: 'plain', key: words.join(' ') }),
      }),
    undefinedPermits: false,
    defaultPaths: null,
    lowersGracefulShutdown: true,
    commands: blockCommands(frrStatements, 'bgp'),
  },
  {
    vendor: 'ios-xe',
    parse: (text) => parseLines(text, { ipv4ByDefault: true, policyRequired: false, passwordOf: iosPassword }),
    undefinedPermits: true,
    defaultPaths: 1,
    lowersGracefulShutdown: false,
    commands: blockCommands(iosXeStatements, 'ip'),
  },
  {
    vendor: 'vyos',
    parse: parseVyos,
    undefinedPermits: false,
    defaultPaths: null,
    lowersGracefulShutdown: true,
    commands: vyosCommands,
  },
];

/** Several changes one after the other: a block that is open already is not opened again. */
export function joinChanges(changes: readonly (readonly string[])[]): readonly string[] {
  const joined: string[] = [];
  let last: readonly string[] = [];
  for (const change of changes) {
    if (change.length === 0) continue;
    let same = 0;
    while (same < change.length - 1 && change[same] === last[same]) same++;
    joined.push(...change.slice(same));
    last = change;
  }
  return joined;
}

/** `10.100.0.0/24, /32`: what a rule lets in, in words. */
export const ruleText = ({ prefix, length }: Pick<PrefixRule, 'prefix' | 'length'>): string =>
  length === prefix.length ? formatPrefix(prefix) : `the /${length} of ${formatPrefix(prefix)}`;
